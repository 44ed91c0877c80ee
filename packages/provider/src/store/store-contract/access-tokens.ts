import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { accessTokenRecord, fresh, freshHandle, grounds, now, signIn } from './records.ts'

export function accessTokensContract(open: () => Promise<Store>): void {
  describe('access tokens', () => {
    opaque(open)
    jwts(open)
  })
}

function opaque(open: () => Promise<Store>): void {
  test('an opaque access token is found until the second of its expiry', async () => {
    const store = await open()
    const token = accessTokenRecord(grounds({ sid: null, authTime: null, cnf: { 'x5t#S256': 'cert' } }))
    await store.accessTokens.create(token)
    expect(await store.accessTokens.find(token.hash, token.expiresAt - 1)).toEqual(token)
    expect(await store.accessTokens.find(token.hash, token.expiresAt)).toBeNull()
    expect(await store.accessTokens.find(freshHandle().hash, now)).toBeNull()
  })
  test('a revoked access token is gone, and only the first revocation says it was alive', async () => {
    const store = await open()
    const token = accessTokenRecord(grounds())
    await store.accessTokens.create(token)
    const answers = await Promise.all(Array.from({ length: 10 }, () => store.accessTokens.revoke(token.hash)))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await store.accessTokens.find(token.hash, now)).toBeNull()
    expect(await store.accessTokens.revoke(freshHandle().hash)).toBe(false)
  })
  test('revoking one access token leaves its family alive', async () => {
    const store = await open()
    const { accessToken, grounds: of } = await signIn(store)
    expect(await store.accessTokens.revoke(accessToken.hash)).toBe(true)
    expect((await store.families.find(of.familyId))?.revokedAt).toBeNull()
  })
  test('an access token of an ended family was not alive', async () => {
    const store = await open()
    const { accessToken, grounds: of } = await signIn(store)
    await store.families.revoke(of.familyId, now, now)
    expect(await store.accessTokens.revoke(accessToken.hash)).toBe(false)
  })
  test('the same key is not given out twice', async () => {
    const store = await open()
    const token = accessTokenRecord(grounds())
    await store.accessTokens.create(token)
    await expect(store.accessTokens.create({ ...token, expiresAt: now + 9 })).rejects.toThrow()
    expect(await store.accessTokens.find(token.hash, now + 10)).toEqual(token)
  })
}

function jwts(open: () => Promise<Store>): void {
  test('features 17: a JWT is revoked by its own id, or by the end of its family, and by nothing else', async () => {
    const store = await open()
    const { grounds: of } = await signIn(store)
    const jti = fresh('jti')
    expect(await store.accessTokens.isJwtRevoked(jti, of.familyId)).toBe(false)
    await store.accessTokens.revokeJwt(jti, now + 100, now)
    expect(await store.accessTokens.isJwtRevoked(jti, of.familyId)).toBe(true)
    expect(await store.accessTokens.isJwtRevoked(fresh('jti'), of.familyId)).toBe(false)
    await store.families.revoke(of.familyId, now, now + 100)
    expect(await store.accessTokens.isJwtRevoked(fresh('jti'), of.familyId)).toBe(true)
  })
  test('a revoked JWT is remembered until its latest known expiry', async () => {
    const store = await open()
    const jti = fresh('jti')
    await store.accessTokens.revokeJwt(jti, now + 100, now)
    await store.accessTokens.revokeJwt(jti, now + 50, now)
    await store.sweep(now + 99, 1000)
    expect(await store.accessTokens.isJwtRevoked(jti, 'none')).toBe(true)
    await store.sweep(now + 100, 1000)
    expect(await store.accessTokens.isJwtRevoked(jti, 'none')).toBe(false)
  })
}
