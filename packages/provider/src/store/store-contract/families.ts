import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { codeRecord, fresh, grounds, issuedFor, longEnd, now, sessionRecord, signIn } from './records.ts'

export function familiesContract(open: () => Promise<Store>): void {
  describe('families', () => {
    ending(open)
    beginning(open)
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

function beginning(open: () => Promise<Store>): void {
  test('a family begins without a code or refresh token, with all that is issued', async () => {
    const store = await open()
    const of = grounds({ sid: null })
    const issued = issuedFor(of)
    expect(await store.families.begin(issued, now)).toBe(true)
    expect(await store.families.find(of.familyId)).toEqual({ ...issued.family, revokedAt: null })
    expect(await store.accessTokens.find(issued.accessToken.hash, now)).toEqual(issued.accessToken)
    expect(await store.refreshTokens.find(issued.refreshToken.hash)).not.toBeNull()
  })
  test('features 17: a family begins for a JWT alone, and its end is the JWT’s', async () => {
    const store = await open()
    const of = grounds()
    const { family } = issuedFor(of)
    expect(await store.families.begin({ family, accessToken: null, refreshToken: null }, now)).toBe(true)
    await store.families.revokeSession({ sid: of.sid ?? '', sub: '' }, now)
    expect(await store.accessTokens.isJwtRevoked('jti', of.familyId)).toBe(true)
  })
  test('a family that was ended does not begin, and nothing is written', async () => {
    const store = await open()
    const of = grounds()
    await store.families.revoke(of.familyId, now, longEnd)
    const issued = issuedFor(of)
    expect(await store.families.begin(issued, now)).toBe(false)
    expect(await store.refreshTokens.find(issued.refreshToken.hash)).toBeNull()
  })
  test('a beginning that cannot be written whole is not written at all', async () => {
    const store = await open()
    const issued = issuedFor(grounds())
    await store.accessTokens.create(issued.accessToken)
    await expect(store.families.begin(issued, now)).rejects.toThrow()
    expect(await store.families.find(issued.family.familyId)).toBeNull()
    expect(await store.refreshTokens.find(issued.refreshToken.hash)).toBeNull()
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

    const ended = await store.families.revokeSession({ sid, sub: '' }, now + 1)
    expect([...ended].sort()).toEqual([one.grounds.familyId, two.grounds.familyId].sort())
    expect(await store.families.revokeSession({ sid, sub: '' }, now + 2)).toEqual([])
    expect(await store.accessTokens.find(two.accessToken.hash, now + 2)).toBeNull()
    expect(await store.accessTokens.find(elsewhere.accessToken.hash, now + 2)).not.toBeNull()
    expect(await store.accessTokens.find(without.accessToken.hash, now + 2)).not.toBeNull()
  })
  test('a code that was on its way when its OP session ended is not redeemed', async () => {
    const store = await open()
    const code = codeRecord(grounds())
    await store.codes.create(code)
    await store.families.revokeSession({ sid: code.grounds.sid ?? '', sub: '' }, now)
    expect(await store.codes.redeem(code.hash, issuedFor(code.grounds), now)).toBe('unknown')
  })
  test('ending a person ends every OP session and family of theirs, of nobody else, and the log tells of it', async () => {
    const store = await open()
    const sub = fresh('person')
    const one = await signIn(store, grounds({ sub }))
    const other = await signIn(store)
    const code = codeRecord(grounds({ sub }))
    await store.codes.create(code)
    const session = sessionRecord({ sub })
    const foreign = sessionRecord({ sub: fresh('person') })
    await store.sessions.create(session, null)
    await store.sessions.create(foreign, null)
    const seen = (await store.revocations.snapshot({ now, after: 0, limit: 10_000 })).upTo

    expect(await store.families.revokeSubject(sub, now + 1, now + 60)).toEqual([session.sid])
    expect(await store.families.revokeSubject(sub, now + 2, now + 60)).toEqual([])
    expect(await store.sessions.find(session.hash, now + 2)).toBeNull()
    expect(await store.sessions.find(foreign.hash, now + 2)).not.toBeNull()
    expect(await store.codes.redeem(code.hash, issuedFor(code.grounds), now + 2)).toBe('unknown')
    expect((await store.families.find(one.grounds.familyId))?.revokedAt).toBe(now + 1)
    expect(await store.accessTokens.find(other.accessToken.hash, now + 2)).not.toBeNull()
    const entries = await store.revocations.after(seen, 10)
    expect(entries.map(({ kind, id, at }) => [kind, id, at])).toEqual([
      ['family', one.grounds.familyId, now + 1],
      ['subject', sub, now + 1],
      ['subject', sub, now + 2],
    ])
    expect(entries[1]?.expiresAt).toBeGreaterThanOrEqual(entries[0]?.expiresAt ?? Infinity)
  })
  test('a person who is forgotten leaves no token, code or consent behind, and stays ended', async () => {
    const store = await open()
    const sub = fresh('person')
    const one = await signIn(store, grounds({ sub }))
    const other = await signIn(store)
    await store.consents.grant(sub, 'web', { permissions: ['openid'] }, now)
    await store.consents.grant(`${sub}x`, 'web', { permissions: ['openid'] }, now)
    await store.families.revokeSubject(sub, now, now + 60)
    await store.families.forgetSubject(sub)
    await store.families.forgetSubject(sub)
    expect(await store.refreshTokens.find(one.refreshToken.hash)).toBeNull()
    expect(await store.accessTokens.find(one.accessToken.hash, now)).toBeNull()
    expect(await store.codes.find(one.code.hash)).toBeNull()
    expect(await store.consents.find(sub, 'web')).toEqual([])
    expect(await store.accessTokens.isJwtRevoked(fresh('jti'), one.grounds.familyId)).toBe(true)
    expect(await store.refreshTokens.find(other.refreshToken.hash)).not.toBeNull()
    expect(await store.accessTokens.find(other.accessToken.hash, now)).not.toBeNull()
    expect(await store.codes.find(other.code.hash)).not.toBeNull()
    expect(await store.consents.find(`${sub}x`, 'web')).toEqual(['openid'])
  })
  test('a code consumed before its OP session ended still counts as reused', async () => {
    const store = await open()
    const { code } = await signIn(store)
    await store.families.revokeSession({ sid: code.grounds.sid ?? '', sub: '' }, now)
    expect(await store.codes.redeem(code.hash, issuedFor(code.grounds), now)).toBe('reused')
  })
}
