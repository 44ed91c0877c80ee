import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../session-store.ts'
import { now, sessionRecord } from './records.ts'

export function revocationContract(open: () => Promise<SessionStore>): void {
  describe('revocation', () => {
    filters(open)
    lists(open)
    reasons(open)
  })
  describe('subscription', () => subscription(open))
}

function filters(open: () => Promise<SessionStore>): void {
  test('a session is revoked by its key, once', async () => {
    const store = await open()
    const record = sessionRecord()
    await store.create(record, null)
    const counts = await Promise.all(Array.from({ length: 10 }, () => store.revoke({ hash: record.hash }, now)))
    expect(counts.filter((count) => count === 1)).toHaveLength(1)
    expect(counts.filter((count) => count === 0)).toHaveLength(9)
    expect(await store.load(record.hash, now)).toBeNull()
  })
  test('a person’s sessions are revoked together, and only those alive are counted', async () => {
    const store = await open()
    const one = sessionRecord({ sub: 'alice' })
    const two = sessionRecord({ sub: 'alice' })
    const three = sessionRecord({ sub: 'alice' })
    const other = sessionRecord()
    const past = sessionRecord({ sub: 'alice', idleExpiresAt: now + 5 })
    for (const record of [one, two, three, other, past]) await store.create(record, null)
    await store.revoke({ hash: one.hash }, now)
    expect(await store.revoke({ sub: 'alice' }, now + 5)).toBe(2)
    expect(await store.revoke({ sub: 'alice' }, now + 5)).toBe(0)
    expect(await store.load(other.hash, now + 5)).toEqual(other)
  })
  test('features 49: ending one provider session leaves sessions without one, and those of other clients, alone', async () => {
    const store = await open()
    const named = sessionRecord({ sid: 'sid-a', sub: 'alice' })
    const foreign = sessionRecord({ sid: 'sid-a', sub: 'alice', clientId: 'other' })
    const without = sessionRecord({ sid: null, sub: 'alice' })
    for (const record of [named, foreign, without]) await store.create(record, null)
    expect(await store.revoke({ sid: 'sid-a', clientId: 'bff' }, now)).toBe(1)
    expect(await store.load(named.hash, now)).toBeNull()
    expect(await store.load(foreign.hash, now)).toEqual(foreign)
    expect(await store.load(without.hash, now)).toEqual(without)
    expect(await store.revoke({ sid: 'sid-unknown', clientId: 'bff' }, now)).toBe(0)
  })
}

function reasons(open: () => Promise<SessionStore>): void {
  test('why a session ended is told as long as its tombstone stands, and the first reason stays', async () => {
    const store = await open()
    const records = [1, 2, 3, 4].map(() => sessionRecord())
    for (const record of records) await store.create(record, null)
    const [one = '', two = '', three = '', four = ''] = records.map((record) => record.hash)
    await store.revoke({ hash: one }, now, 'backchannel')
    await store.revoke({ hash: one }, now, 'signed_out')
    await store.revoke({ hash: two }, now)
    await store.create(sessionRecord(), three)
    const told = await Promise.all([one, two, three, four, 'unknown'].map((hash) => store.whyEnded(hash)))
    expect(told).toEqual(['backchannel', 'revoked', 'replaced', null, null])
  })
  test('all sessions of a client are listed by page and ended together, those of another are not', async () => {
    const store = await open()
    const mine = [1, 2, 3].map(() => sessionRecord({ clientId: 'shop' }))
    const other = sessionRecord({ clientId: 'shop2' })
    for (const record of [...mine, other]) await store.create(record, null)
    expect(await store.list({ clientId: 'shop' }, { limit: 2, now })).toEqual(mine.slice(0, 2))
    const after = mine[1]?.hash ?? ''
    expect(await store.list({ clientId: 'shop' }, { after, limit: 2, now })).toEqual(mine.slice(2))
    expect(await store.revoke({ clientId: 'shop' }, now)).toBe(3)
    expect(await store.list({ clientId: 'shop' }, { limit: 9, now })).toEqual([])
    expect(await store.load(other.hash, now)).toEqual(other)
  })
}

function lists(open: () => Promise<SessionStore>): void {
  test('live sessions are listed by key, a page at a time', async () => {
    const store = await open()
    const records = [1, 2, 3, 4, 5].map(() => sessionRecord({ sub: 'alice', sid: 'sid-a' }))
    for (const record of records) await store.create(record, null)
    const [first, second, third, fourth, fifth] = records.map((record) => record.hash)
    await store.revoke({ hash: third ?? '' }, now)
    const hashes = async (page: { after?: string; limit: number }) =>
      (await store.list({ sub: 'alice' }, { ...page, now })).map((record) => record.hash)
    expect(await hashes({ limit: 10 })).toEqual([first, second, fourth, fifth])
    expect(await hashes({ limit: 2 })).toEqual([first, second])
    expect(await hashes({ after: second ?? '', limit: 10 })).toEqual([fourth, fifth])
    expect(await store.list({ sid: 'sid-a', clientId: 'bff' }, { limit: 1, now })).toEqual([records[0]])
    expect(await store.list({ hash: fifth ?? '' }, { limit: 10, now })).toEqual([records[4]])
    expect(await store.list({ sub: 'alice' }, { limit: 10, now: now + 1800 })).toEqual([])
  })
}

function subscription(open: () => Promise<SessionStore>): void {
  test('a subscriber hears of changed tokens and of ended sessions, and of nothing else', async () => {
    const store = await open()
    const heard: string[] = []
    const stop = store.subscribe((hash) => hash !== null && heard.push(hash))
    const records = { changed: sessionRecord(), ended: sessionRecord(), replaced: sessionRecord() }
    for (const record of Object.values(records)) await store.create(record, null)
    const [changed, ended, replaced] = [records.changed.hash, records.ended.hash, records.replaced.hash]
    await store.touch(changed, { now, idleExpiresAt: now + 2000 })
    const claimed = await store.claimRefresh(changed, 1, { now, leaseSeconds: 10 })
    const fence = claimed.outcome === 'claimed' ? claimed.fence : -1
    expect(heard).toEqual([])
    await store.commitTokens(changed, { sealedTokens: 'sealed-2', version: 1, fence, now })
    await store.commitTokens(changed, { sealedTokens: 'sealed-3', version: 1, fence, now })
    await store.revoke({ hash: ended }, now)
    await store.revoke({ hash: ended }, now)
    await store.create(sessionRecord(), replaced)
    expect(heard).toEqual([changed, ended, replaced])
    stop()
    await store.revoke({ hash: changed }, now)
    expect(heard).toHaveLength(3)
  })
}
