import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { fresh, freshHandle, interactionRecord, now, sessionRecord } from './records.ts'

/** What a browser holds a handle of: interactions and OP sessions; and what its person has allowed. */
export function browserStateContract(open: () => Promise<Store>): void {
  describe('interactions', () => interactions(open))
  describe('sessions', () => sessions(open))
  describe('consents', () => consents(open))
}

function interactions(open: () => Promise<Store>): void {
  test('an interaction is found until it expires, with who signed in for it', async () => {
    const store = await open()
    const record = interactionRecord()
    await store.interactions.create(record)
    expect(await store.interactions.find(record.hash, now)).toEqual(record)
    const sessionHash = freshHandle().hash
    expect(await store.interactions.recordSignIn(record.hash, sessionHash, now)).toBe(true)
    expect(await store.interactions.find(record.hash, now)).toEqual({ ...record, sessionHash })
    expect(await store.interactions.find(record.hash, record.expiresAt)).toBeNull()
    expect(await store.interactions.recordSignIn(record.hash, sessionHash, record.expiresAt)).toBe(false)
  })
  test('of many callers at once exactly one consumes an interaction', async () => {
    const store = await open()
    const record = interactionRecord({ request: null, returnTo: '/admin' })
    await store.interactions.create(record)
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.interactions.consume(record.hash, now)))
    expect(answers.filter((answer) => answer !== null)).toEqual([record])
    expect(await store.interactions.find(record.hash, now)).toBeNull()
    expect(await store.interactions.recordSignIn(record.hash, freshHandle().hash, now)).toBe(false)
  })
  test('an expired or unknown interaction is not consumed', async () => {
    const store = await open()
    const record = interactionRecord()
    await store.interactions.create(record)
    expect(await store.interactions.consume(record.hash, record.expiresAt)).toBeNull()
    expect(await store.interactions.consume(freshHandle().hash, now)).toBeNull()
    await expect(store.interactions.create(record)).rejects.toThrow()
  })
}

function sessions(open: () => Promise<Store>): void {
  test('a session is found until it expires', async () => {
    const store = await open()
    const record = sessionRecord({ acr: 'urn:level' })
    await store.sessions.create(record, null)
    expect(await store.sessions.find(record.hash, now)).toEqual(record)
    expect(await store.sessions.find(record.hash, record.expiresAt)).toBeNull()
    expect(await store.sessions.find(freshHandle().hash, now)).toBeNull()
    await expect(store.sessions.create(record, null)).rejects.toThrow()
  })
  test('features 51: a session that replaces another ends it in the same step', async () => {
    const store = await open()
    const before = sessionRecord()
    const after = sessionRecord()
    await store.sessions.create(before, null)
    await store.sessions.create(after, before.hash)
    expect(await store.sessions.find(before.hash, now)).toBeNull()
    expect(await store.sessions.find(after.hash, now)).toEqual(after)
  })
  test('a session ends once', async () => {
    const store = await open()
    const record = sessionRecord()
    await store.sessions.create(record, null)
    const answers = await Promise.all(Array.from({ length: 10 }, () => store.sessions.end(record.hash)))
    expect(answers.filter((answer) => answer !== null)).toEqual([record])
    expect(await store.sessions.find(record.hash, now)).toBeNull()
  })
}

function consents(open: () => Promise<Store>): void {
  test('what a person allows is added to what was allowed before, for that person and client alone', async () => {
    const store = await open()
    const client = fresh('client')
    expect(await store.consents.find('alice', client)).toEqual([])
    await Promise.all([
      store.consents.grant('alice', client, { permissions: ['openid', 'profile'] }, now),
      store.consents.grant(
        'alice',
        client,
        { permissions: ['profile', 'https://api.example.com read:messages'] },
        now + 1,
      ),
    ])
    expect(new Set(await store.consents.find('alice', client))).toEqual(
      new Set(['openid', 'profile', 'https://api.example.com read:messages']),
    )
    expect(await store.consents.find('alice', client)).toHaveLength(3)
    expect(await store.consents.find('bob', client)).toEqual([])
    expect(await store.consents.find('alice', fresh('client'))).toEqual([])
  })
  test('a consent taken back is gone', async () => {
    const store = await open()
    const client = fresh('client')
    await store.consents.grant('alice', client, { permissions: ['openid'] }, now)
    expect(await store.consents.withdraw('alice', client, now)).toEqual({ hadConsent: true, ended: [] })
    expect(await store.consents.withdraw('alice', client, now)).toEqual({ hadConsent: false, ended: [] })
    expect(await store.consents.find('alice', client)).toEqual([])
  })
}
