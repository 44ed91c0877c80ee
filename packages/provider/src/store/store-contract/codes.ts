import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { codeRecord, freshHandle, grounds, issuedFor, now, signIn, tally } from './records.ts'

export function codesContract(open: () => Promise<Store>): void {
  describe('codes', () => {
    redemption(open)
    reuse(open)
    lateReuse(open)
    refusals(open)
  })
}

function redemption(open: () => Promise<Store>): void {
  test('a code is kept as it was made, and redeemed it brings its tokens and says when', async () => {
    const store = await open()
    const of = grounds()
    const code = codeRecord(of)
    await store.codes.create(code)
    expect(await store.codes.find(code.hash)).toEqual({ ...code, consumedAt: null })

    const issued = issuedFor(of)
    expect(await store.codes.redeem(code.hash, issued, now + 1)).toBe('redeemed')
    expect(await store.codes.find(code.hash)).toEqual({ ...code, consumedAt: now + 1 })
    expect(await store.families.find(of.familyId)).toEqual({ ...issued.family, revokedAt: null })
    expect(await store.accessTokens.find(issued.accessToken.hash, now + 1)).toEqual(issued.accessToken)
    expect(await store.refreshTokens.find(issued.refreshToken.hash)).toEqual({
      ...issued.refreshToken,
      rotatedAt: null,
    })
  })
  test('a code of a client without refresh tokens brings an access token alone', async () => {
    const store = await open()
    const code = codeRecord(grounds({ sid: null, cnf: null, acr: 'urn:level', authTime: null }))
    await store.codes.create(code)
    const { accessToken } = issuedFor(code.grounds)
    expect(await store.codes.redeem(code.hash, { family: null, accessToken, refreshToken: null }, now)).toBe('redeemed')
    expect(await store.accessTokens.find(accessToken.hash, now)).toEqual(accessToken)
  })
  test('a redemption that cannot be written whole is not written at all, and the code stays good', async () => {
    const store = await open()
    const taken = await signIn(store)
    const code = codeRecord(grounds())
    await store.codes.create(code)
    const issued = issuedFor(code.grounds)
    const clash = { ...issued, refreshToken: { ...issued.refreshToken, hash: taken.refreshToken.hash } }
    await expect(store.codes.redeem(code.hash, clash, now)).rejects.toThrow()
    expect(await store.accessTokens.find(issued.accessToken.hash, now)).toBeNull()
    expect(await store.families.find(code.grounds.familyId)).toBeNull()
    expect(await store.codes.redeem(code.hash, issued, now)).toBe('redeemed')
  })
}

function reuse(open: () => Promise<Store>): void {
  test('features 14: of many callers at once exactly one redeems a code, and the others end its family', async () => {
    const store = await open()
    const of = grounds()
    const code = codeRecord(of)
    await store.codes.create(code)
    const tries = Array.from({ length: 40 }, () => issuedFor(of))
    const answers = await Promise.all(tries.map((issued) => store.codes.redeem(code.hash, issued, now)))
    expect(tally(answers)).toEqual({ redeemed: 1, reused: 39 })
    const found = await Promise.all(tries.map(({ refreshToken }) => store.refreshTokens.find(refreshToken.hash)))
    expect(found.map((token) => token !== null)).toEqual(answers.map((answer) => answer === 'redeemed'))
    expect((await store.families.find(of.familyId))?.revokedAt).toBe(now)
  })
  test('RFC 6749 §4.1.2: a code presented again ends every token it brought and brings no other', async () => {
    const store = await open()
    const { code, accessToken, refreshToken } = await signIn(store)
    const second = issuedFor(code.grounds)
    expect(await store.codes.redeem(code.hash, second, now + 5)).toBe('reused')
    expect(await store.accessTokens.find(accessToken.hash, now + 5)).toBeNull()
    expect(await store.accessTokens.find(second.accessToken.hash, now + 5)).toBeNull()
    expect(await store.refreshTokens.find(second.refreshToken.hash)).toBeNull()
    const next = { issued: issuedFor(code.grounds), sealedSuccessor: 'sealed' }
    const rotation = await store.refreshTokens.rotate(refreshToken.hash, next, { now: now + 5, graceSeconds: 30 })
    expect(rotation).toEqual({ outcome: 'unknown' })
  })
}

function lateReuse(open: () => Promise<Store>): void {
  test('a consumed code that is presented after its expiry still ends the family, as long as it is remembered', async () => {
    const store = await open()
    const { code, accessToken } = await signIn(store)
    expect(await store.codes.redeem(code.hash, issuedFor(code.grounds), now + 120)).toBe('reused')
    expect(await store.accessTokens.find(accessToken.hash, now + 120)).toBeNull()
  })
  test('a family whose redemption named no family record is ended by reuse all the same, for as long as its tokens', async () => {
    const store = await open()
    const code = codeRecord(grounds())
    await store.codes.create(code)
    const { accessToken } = issuedFor(code.grounds)
    const issued = { family: null, accessToken, refreshToken: null }
    await store.codes.redeem(code.hash, issued, now)
    expect(await store.codes.redeem(code.hash, issued, now + 1)).toBe('reused')
    await store.sweep(accessToken.expiresAt - 1, 1000)
    expect(await store.accessTokens.find(accessToken.hash, accessToken.expiresAt - 1)).toBeNull()
    expect(await store.accessTokens.isJwtRevoked('jti', code.grounds.familyId)).toBe(true)
  })
}

function refusals(open: () => Promise<Store>): void {
  test('an expired code writes nothing', async () => {
    const store = await open()
    const code = codeRecord(grounds())
    await store.codes.create(code)
    const issued = issuedFor(code.grounds)
    expect(await store.codes.redeem(code.hash, issued, code.expiresAt)).toBe('unknown')
    expect(await store.accessTokens.find(issued.accessToken.hash, now)).toBeNull()
    expect(await store.families.find(code.grounds.familyId)).toBeNull()
  })
  test('a code that was never made writes nothing', async () => {
    const store = await open()
    const issued = issuedFor(grounds())
    expect(await store.codes.redeem(freshHandle().hash, issued, now)).toBe('unknown')
    expect(await store.families.find(issued.family.familyId)).toBeNull()
    expect(await store.codes.find(freshHandle().hash)).toBeNull()
  })
  test('features 18: the handle itself opens nothing, and its key says nothing of it', async () => {
    const store = await open()
    const { handle, hash } = freshHandle()
    const code = codeRecord(grounds(), { hash })
    await store.codes.create(code)
    expect(await store.codes.redeem(handle as typeof hash, issuedFor(code.grounds), now)).toBe('unknown')
    expect(JSON.stringify(await store.codes.find(hash))).not.toContain(handle.slice(11))
  })
  test('a code whose family was ended before is not redeemed', async () => {
    const store = await open()
    const code = codeRecord(grounds())
    await store.codes.create(code)
    await store.families.revoke(code.grounds.familyId, now, now + 60)
    expect(await store.codes.redeem(code.hash, issuedFor(code.grounds), now)).toBe('unknown')
  })
  test('the same key is not given out twice', async () => {
    const store = await open()
    const code = codeRecord(grounds())
    await store.codes.create(code)
    await expect(store.codes.create({ ...code, nonce: 'other' })).rejects.toThrow()
    expect((await store.codes.find(code.hash))?.nonce).toBe(code.nonce)
  })
}
