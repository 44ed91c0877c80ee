import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { codeRecord, fresh, grounds, issuedFor, longEnd, now, signIn } from './records.ts'

export function familiesContract(open: () => Promise<Store>): void {
  describe('families', () => {
    ending(open)
    sessions(open)
  })
}

function ending(open: () => Promise<Store>): void {
  test('ending a family ends its opaque access tokens and its JWTs, and says whether it was alive', async () => {
    const store = await open()
    const { accessToken, grounds: of, family } = await signIn(store)
    expect(await store.accessTokens.isJwtRevoked('jti', of.familyId)).toBe(false)
    expect(await store.families.revoke(of.familyId, now + 1, longEnd)).toBe(true)
    expect(await store.families.revoke(of.familyId, now + 2, longEnd)).toBe(false)
    expect(await store.accessTokens.find(accessToken.hash, now + 1)).toBeNull()
    expect(await store.accessTokens.isJwtRevoked('jti', of.familyId)).toBe(true)
    expect(await store.families.find(of.familyId)).toEqual({ ...family, revokedAt: now + 1 })
  })
  test('of many callers at once exactly one ends a family', async () => {
    const store = await open()
    const { grounds: of } = await signIn(store)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => store.families.revoke(of.familyId, now, longEnd)),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
  })
  test('features 19: a family that is not known is remembered as ended until the given end, however often it is told', async () => {
    const store = await open()
    const familyId = fresh('family')
    expect(await store.families.find(familyId)).toBeNull()
    expect(await store.families.revoke(familyId, now, now + 100)).toBe(false)
    expect(await store.families.revoke(familyId, now + 1, now + 300)).toBe(false)
    expect(await store.families.revoke(familyId, now + 2, now + 200)).toBe(false)
    await store.sweep(now + 299, 1000)
    expect(await store.accessTokens.isJwtRevoked('jti', familyId)).toBe(true)
    await store.sweep(now + 300, 1000)
    expect(await store.families.find(familyId)).toBeNull()
  })
  test('an ended family outlives the time its tokens were due to end when the caller says so', async () => {
    const store = await open()
    const { grounds: of } = await signIn(store)
    await store.families.revoke(of.familyId, now, longEnd + 50)
    expect((await store.families.find(of.familyId))?.expiresAt).toBe(longEnd + 50)
  })
}

function sessions(open: () => Promise<Store>): void {
  test('ending an OP session ends every family of it, no other, and names those it ended', async () => {
    const store = await open()
    const sid = fresh('sid')
    const one = await signIn(store, grounds({ sid }))
    const two = await signIn(store, grounds({ sid, clientId: 'other' }))
    const gone = await signIn(store, grounds({ sid }))
    await store.families.revoke(gone.grounds.familyId, now, longEnd)
    const elsewhere = await signIn(store)
    const without = await signIn(store, grounds({ sid: null }))

    const ended = await store.families.revokeSession(sid, now + 1)
    expect([...ended].sort()).toEqual([one.grounds.familyId, two.grounds.familyId].sort())
    expect(await store.families.revokeSession(sid, now + 2)).toEqual([])
    expect(await store.accessTokens.find(two.accessToken.hash, now + 2)).toBeNull()
    expect(await store.accessTokens.find(elsewhere.accessToken.hash, now + 2)).not.toBeNull()
    expect(await store.accessTokens.find(without.accessToken.hash, now + 2)).not.toBeNull()
  })
  test('a code that was on its way when its OP session ended is not redeemed', async () => {
    const store = await open()
    const code = codeRecord(grounds())
    await store.codes.create(code)
    await store.families.revokeSession(code.grounds.sid ?? '', now)
    expect(await store.codes.redeem(code.hash, issuedFor(code.grounds), now)).toBe('unknown')
  })
  test('a code consumed before its OP session ended still counts as reused', async () => {
    const store = await open()
    const { code } = await signIn(store)
    await store.families.revokeSession(code.grounds.sid ?? '', now)
    expect(await store.codes.redeem(code.hash, issuedFor(code.grounds), now)).toBe('reused')
  })
}
