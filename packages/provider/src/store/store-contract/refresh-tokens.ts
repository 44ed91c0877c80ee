import { describe, expect, test } from 'vitest'
import type { Grounds, Store } from '../store.ts'
import { freshHandle, grounds, issuedFor, longEnd, now, refreshTokenRecord, signIn, tally } from './records.ts'

const graceSeconds = 30
const at = (instant: number) => ({ now: instant, graceSeconds })

function successorOf(of: Grounds, sealedSuccessor = 'sealed') {
  return { issued: { ...issuedFor(of), family: null }, sealedSuccessor }
}

export function refreshTokensContract(open: () => Promise<Store>): void {
  describe('refresh tokens', () => {
    rotation(open)
    replay(open)
    reuse(open)
    noGrace(open)
    unknown(open)
    extension(open)
  })
}

function rotation(open: () => Promise<Store>): void {
  test('RFC 9700 §4.14.2: a rotation writes its successor whole and marks the token that was used', async () => {
    const store = await open()
    const first = await signIn(store)
    const next = successorOf(first.grounds)
    expect(await store.refreshTokens.rotate(first.refreshToken.hash, next, at(now + 5))).toEqual({ outcome: 'rotated' })
    expect((await store.refreshTokens.find(first.refreshToken.hash))?.rotatedAt).toBe(now + 5)
    expect(await store.refreshTokens.find(next.issued.refreshToken.hash)).toEqual({
      ...next.issued.refreshToken,
      rotatedAt: null,
    })
    expect(await store.accessTokens.find(next.issued.accessToken.hash, now + 5)).toEqual(next.issued.accessToken)
    expect(await store.accessTokens.find(first.accessToken.hash, now + 5)).toEqual(first.accessToken)
  })
  test('a family lives as long as the last token that a rotation brought', async () => {
    const store = await open()
    const first = await signIn(store)
    const next = successorOf(first.grounds)
    const end = first.family.expiresAt + 500
    const issued = { ...next.issued, accessToken: { ...next.issued.accessToken, expiresAt: end } }
    await store.refreshTokens.rotate(first.refreshToken.hash, { ...next, issued }, at(now))
    expect((await store.families.find(first.grounds.familyId))?.expiresAt).toBe(end)
  })
  test('a rotation that cannot be written whole is not written at all, and the token stays good', async () => {
    const store = await open()
    const first = await signIn(store)
    const next = successorOf(first.grounds)
    const accessToken = { ...next.issued.accessToken, hash: first.accessToken.hash }
    const clash = { ...next, issued: { ...next.issued, accessToken } }
    await expect(store.refreshTokens.rotate(first.refreshToken.hash, clash, at(now))).rejects.toThrow()
    expect(await store.refreshTokens.find(next.issued.refreshToken.hash)).toBeNull()
    expect(await store.refreshTokens.rotate(first.refreshToken.hash, next, at(now))).toEqual({ outcome: 'rotated' })
  })
}

function replay(open: () => Promise<Store>): void {
  test('features 15, 16: within the grace the same token gets the same successor and a new access token, no second refresh token', async () => {
    const store = await open()
    const first = await signIn(store)
    const next = successorOf(first.grounds, 'sealed for the first')
    await store.refreshTokens.rotate(first.refreshToken.hash, next, at(now))
    const again = successorOf(first.grounds, 'sealed for the second')
    const answer = await store.refreshTokens.rotate(first.refreshToken.hash, again, at(now + graceSeconds - 1))
    expect(answer).toEqual({ outcome: 'replayed', sealedSuccessor: 'sealed for the first' })
    expect(await store.accessTokens.find(again.issued.accessToken.hash, now)).toEqual(again.issued.accessToken)
    expect(await store.refreshTokens.find(again.issued.refreshToken.hash)).toBeNull()
    const used = next.issued.refreshToken.hash
    expect(await store.refreshTokens.rotate(used, successorOf(first.grounds), at(now + 60))).toEqual({
      outcome: 'rotated',
    })
  })
  test('features 14: of many callers at once exactly one rotates a token, and all others get its successor', async () => {
    const store = await open()
    const first = await signIn(store)
    const tries = Array.from({ length: 40 }, (_, index) => successorOf(first.grounds, `sealed ${index}`))
    const rotations = tries.map((next) => store.refreshTokens.rotate(first.refreshToken.hash, next, at(now)))
    const answers = await Promise.all(rotations)
    expect(tally(answers.map((answer) => answer.outcome))).toEqual({ rotated: 1, replayed: 39 })
    const winner = answers.findIndex((answer) => answer.outcome === 'rotated')
    const successors = answers.flatMap((answer) => (answer.outcome === 'replayed' ? [answer.sealedSuccessor] : []))
    expect(new Set(successors)).toEqual(new Set([`sealed ${winner}`]))
    const written = await Promise.all(tries.map((next) => store.refreshTokens.find(next.issued.refreshToken.hash)))
    expect(written.filter((token) => token !== null)).toHaveLength(1)
  })
}

async function expectEnded(store: Store, of: Grounds, instant: number): Promise<void> {
  expect((await store.families.find(of.familyId))?.revokedAt).toBe(instant)
  expect(await store.accessTokens.isJwtRevoked('any', of.familyId)).toBe(true)
}

function reuse(open: () => Promise<Store>): void {
  test('RFC 9700 §4.14.2: a rotated token presented after its grace ends the family, and nothing is written', async () => {
    const store = await open()
    const first = await signIn(store)
    const next = successorOf(first.grounds)
    await store.refreshTokens.rotate(first.refreshToken.hash, next, at(now))
    const late = successorOf(first.grounds)
    const answer = await store.refreshTokens.rotate(first.refreshToken.hash, late, at(now + graceSeconds))
    expect(answer).toEqual({ outcome: 'reused', familyId: first.grounds.familyId })
    await expectEnded(store, first.grounds, now + graceSeconds)
    expect(await store.refreshTokens.find(late.issued.refreshToken.hash)).toBeNull()
    const used = next.issued.refreshToken.hash
    expect(await store.refreshTokens.rotate(used, successorOf(first.grounds), at(now + graceSeconds))).toEqual({
      outcome: 'unknown',
    })
  })
  test('a rotated token whose successor was used is reused, even within the grace', async () => {
    const store = await open()
    const first = await signIn(store)
    const next = successorOf(first.grounds)
    await store.refreshTokens.rotate(first.refreshToken.hash, next, at(now))
    await store.refreshTokens.rotate(next.issued.refreshToken.hash, successorOf(first.grounds), at(now + 1))
    const answer = await store.refreshTokens.rotate(first.refreshToken.hash, successorOf(first.grounds), at(now + 2))
    expect(answer).toEqual({ outcome: 'reused', familyId: first.grounds.familyId })
    await expectEnded(store, first.grounds, now + 2)
  })
}

function noGrace(open: () => Promise<Store>): void {
  test('a grace of nought seconds forgives nothing', async () => {
    const store = await open()
    const first = await signIn(store)
    const strict = { now, graceSeconds: 0 }
    await store.refreshTokens.rotate(first.refreshToken.hash, successorOf(first.grounds), strict)
    const answer = await store.refreshTokens.rotate(first.refreshToken.hash, successorOf(first.grounds), strict)
    expect(answer.outcome).toBe('reused')
  })
  test('a rotation without a successor has nothing to repeat', async () => {
    const store = await open()
    const first = await signIn(store)
    const last = { issued: { family: null, accessToken: null, refreshToken: null }, sealedSuccessor: '' }
    expect(await store.refreshTokens.rotate(first.refreshToken.hash, last, at(now))).toEqual({ outcome: 'rotated' })
    expect((await store.refreshTokens.rotate(first.refreshToken.hash, last, at(now))).outcome).toBe('reused')
  })
}

function unknown(open: () => Promise<Store>): void {
  test('a token that was never issued writes nothing', async () => {
    const store = await open()
    const next = successorOf(grounds())
    expect(await store.refreshTokens.rotate(freshHandle().hash, next, at(now))).toEqual({ outcome: 'unknown' })
    expect(await store.refreshTokens.find(next.issued.refreshToken.hash)).toBeNull()
    expect(await store.refreshTokens.find(freshHandle().hash)).toBeNull()
  })
  test('features 5: an expired token writes nothing', async () => {
    const store = await open()
    const first = await signIn(store)
    const next = successorOf(first.grounds)
    const answer = await store.refreshTokens.rotate(first.refreshToken.hash, next, at(first.refreshToken.expiresAt))
    expect(answer).toEqual({ outcome: 'unknown' })
    expect(await store.accessTokens.find(next.issued.accessToken.hash, now)).toBeNull()
  })
  test('features 5: a successor that has expired is not handed out again', async () => {
    const store = await open()
    const first = await signIn(store)
    const brief = { ...successorOf(first.grounds).issued, refreshToken: refreshTokenRecord(first.grounds, now + 10) }
    await store.refreshTokens.rotate(first.refreshToken.hash, { issued: brief, sealedSuccessor: 's' }, at(now))
    const answer = await store.refreshTokens.rotate(first.refreshToken.hash, successorOf(first.grounds), at(now + 10))
    expect(answer.outcome).toBe('reused')
  })
  test('a token of an ended family writes nothing, rotated or not', async () => {
    const store = await open()
    const first = await signIn(store)
    const next = successorOf(first.grounds)
    await store.refreshTokens.rotate(first.refreshToken.hash, next, at(now))
    await store.families.revoke(first.grounds.familyId, now, now)
    for (const hash of [first.refreshToken.hash, next.issued.refreshToken.hash]) {
      const late = successorOf(first.grounds)
      expect(await store.refreshTokens.rotate(hash, late, at(now))).toEqual({ outcome: 'unknown' })
      expect(await store.refreshTokens.find(late.issued.refreshToken.hash)).toBeNull()
    }
  })
}

function extension(open: () => Promise<Store>): void {
  const renewal = (of: Grounds, expiresAt: number) => ({ issued: { ...issuedFor(of), family: null }, expiresAt })
  test('a token that is not rotated lives on after each use, up to its absolute end, and brings an access token alone', async () => {
    const store = await open()
    const { refreshToken, grounds: of } = await signIn(store)
    const first = renewal(of, refreshToken.expiresAt + 10)
    const tries = await Promise.all([
      store.refreshTokens.extend(refreshToken.hash, first, now + 1),
      store.refreshTokens.extend(refreshToken.hash, renewal(of, refreshToken.expiresAt - 10), now + 1),
    ])
    expect(tries).toEqual(['extended', 'extended'])
    const { expiresAt } = (await store.refreshTokens.find(refreshToken.hash)) ?? {}
    expect(expiresAt).toBe(refreshToken.expiresAt + 10)
    expect(await store.accessTokens.find(first.issued.accessToken.hash, now)).toEqual(first.issued.accessToken)
    expect(await store.refreshTokens.find(first.issued.refreshToken.hash)).toBeNull()
    await store.refreshTokens.extend(refreshToken.hash, renewal(of, longEnd + 999), now + 1)
    expect((await store.refreshTokens.find(refreshToken.hash))?.expiresAt).toBe(longEnd)
    expect((await store.refreshTokens.find(refreshToken.hash))?.rotatedAt).toBeNull()
  })
  test('features 5: one that is unknown, expired, rotated or of an ended family is not extended, and nothing is written', async () => {
    const store = await open()
    const [expired, rotated, ended] = [await signIn(store), await signIn(store), await signIn(store)]
    await store.refreshTokens.rotate(rotated.refreshToken.hash, successorOf(rotated.grounds), at(now))
    await store.families.revoke(ended.grounds.familyId, now, now)
    for (const [hash, of, instant] of [
      [freshHandle().hash, grounds(), now],
      [expired.refreshToken.hash, expired.grounds, expired.refreshToken.expiresAt],
      [rotated.refreshToken.hash, rotated.grounds, now],
      [ended.refreshToken.hash, ended.grounds, now],
    ] as const) {
      const late = renewal(of, instant + 60)
      expect(await store.refreshTokens.extend(hash, late, instant)).toBe('unknown')
      expect(await store.accessTokens.find(late.issued.accessToken.hash, now)).toBeNull()
    }
  })
}
