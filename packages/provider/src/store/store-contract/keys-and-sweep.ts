import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import {
  codeRecord,
  fresh,
  freshHandle,
  grounds,
  interactionRecord,
  keyRecord,
  longEnd,
  now,
  sessionRecord,
  signIn,
} from './records.ts'

export function keysAndSweepContract(open: () => Promise<Store>): void {
  describe('keys', () => keys(open))
  describe('replays', () => replays(open))
  describe('sweep', () => {
    sweep(open)
    sweepLimits(open)
  })
}

function keys(open: () => Promise<Store>): void {
  test('of many nodes that start at once one brings the key of an algorithm, and all of them use it', async () => {
    const store = await open()
    const offered = Array.from({ length: 10 }, () => keyRecord('ES256'))
    const standing = await Promise.all(offered.map((record) => store.keys.ensure(record)))
    expect(new Set(standing.map((record) => record.kid)).size).toBe(1)
    expect(offered).toContainEqual(standing[0])
    expect(await store.keys.list()).toEqual([standing[0]])
  })
  test('each algorithm has its own key', async () => {
    const store = await open()
    const ec = await store.keys.ensure(keyRecord('ES256'))
    const rsa = await store.keys.ensure({ ...keyRecord('RS256'), createdAt: now - 5 })
    expect(await store.keys.list()).toEqual([rsa, ec])
  })
  test('a key is changed once for each version, and an unknown one never', async () => {
    const store = await open()
    const key = await store.keys.ensure(keyRecord('ES256'))
    const changes = Array.from({ length: 8 }, (_, n) => ({ ...key, sealedPrivateJwk: `again-${n}`, version: 2 }))
    const outcomes = await Promise.all(changes.map((change) => store.keys.update(change)))
    expect(outcomes.filter((outcome) => outcome === 'updated')).toHaveLength(1)
    expect(await store.keys.list()).toEqual([changes[outcomes.indexOf('updated')]])
    expect(await store.keys.update({ ...keyRecord('ES256'), version: 2 })).toBe('stale')
  })
  test('of many nodes that announce a successor at once one does, and the key it follows gets its end with it', async () => {
    const store = await open()
    const first = await store.keys.ensure(keyRecord('ES256'))
    const retiring = { ...first, retiresAt: now + 60, dropsAt: now + 120, version: 2 }
    const successors = Array.from({ length: 8 }, () => ({
      ...keyRecord('ES256'),
      createdAt: now + 1,
      signsAt: now + 60,
    }))
    const outcomes = await Promise.all(successors.map((successor) => store.keys.succeed(retiring, successor)))
    expect(outcomes.filter((outcome) => outcome === 'succeeded')).toHaveLength(1)
    expect(await store.keys.list()).toEqual([retiring, successors[outcomes.indexOf('succeeded')]])
    expect(await store.keys.ensure(keyRecord('ES256'))).toEqual(retiring)
  })
  test('a key that is removed is gone, once', async () => {
    const store = await open()
    const key = await store.keys.ensure(keyRecord('ES256'))
    expect(await store.keys.remove(key.kid)).toBe(true)
    expect(await store.keys.remove(key.kid)).toBe(false)
    expect(await store.keys.list()).toEqual([])
  })
}

function replays(open: () => Promise<Store>): void {
  test('features 41: of many callers at once exactly one is the first with a key', async () => {
    const store = await open()
    const key = fresh('jti')
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.replays.remember(key, now + 60, now)))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await store.replays.remember(key, now + 99, now + 59)).toBe(false)
    expect(await store.replays.remember(fresh('jti'), now + 60, now)).toBe(true)
  })
  test('a key may come again once it has expired, swept or not', async () => {
    const store = await open()
    const key = fresh('jti')
    await store.replays.remember(key, now + 60, now)
    expect(await store.replays.remember(key, now + 120, now + 60)).toBe(true)
    expect(await store.replays.remember(key, now + 180, now + 61)).toBe(false)
  })
}

function sweep(open: () => Promise<Store>): void {
  async function fill(store: Store) {
    const person = await signIn(store)
    const code = codeRecord(grounds())
    const interaction = interactionRecord()
    const session = sessionRecord()
    await store.codes.create(code)
    await store.interactions.create(interaction)
    await store.sessions.create(session, null)
    await store.accessTokens.revokeJwt('gone', now + 60, now)
    await store.replays.remember('seen', now + 60, now)
    return { person, code, interaction, session }
  }
  test('features 12: expired rows of every kind go, those still good stay', async () => {
    const store = await open()
    const { person, session } = await fill(store)
    expect(await store.sweep(now, 1000)).toBe(0)
    // Two codes, a revoked JWT with its entry in the log and a replay are past at now + 60.
    expect(await store.sweep(now + 60, 1000)).toBe(5)
    expect(await store.codes.find(person.code.hash)).toBeNull()
    expect(await store.sessions.find(session.hash, now + 60)).toEqual(session)
    expect(await store.accessTokens.find(person.accessToken.hash, now + 60)).toEqual(person.accessToken)
    // The rest: access token, interaction, session, refresh token, family.
    expect(await store.sweep(longEnd, 1000)).toBe(5)
    expect(await store.refreshTokens.find(person.refreshToken.hash)).toBeNull()
    expect(await store.families.find(person.grounds.familyId)).toBeNull()
    expect(await store.sweep(longEnd, 1000)).toBe(0)
  })
}

function sweepLimits(open: () => Promise<Store>): void {
  test('a sweep takes no more than it was allowed, and the next one goes on', async () => {
    const store = await open()
    for (let index = 0; index < 7; index++) await store.codes.create(codeRecord(grounds()))
    await store.replays.remember('seen', now + 60, now)
    const gone = []
    for (let round = 0; round < 4; round++) gone.push(await store.sweep(now + 60, 3))
    expect(gone).toEqual([3, 3, 2, 0])
  })
  test('a sweep does not touch clients, consents or keys', async () => {
    const store = await open()
    const key = await store.keys.ensure(keyRecord('ES256'))
    await store.consents.grant('alice', 'web', { permissions: ['openid'] }, now)
    await store.sweep(longEnd * 2, 1000)
    expect(await store.keys.list()).toEqual([key])
    expect(await store.consents.find('alice', 'web')).toEqual(['openid'])
    expect(await store.codes.find(freshHandle().hash)).toBeNull()
  })
}
