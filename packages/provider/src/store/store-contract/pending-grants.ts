import { describe, expect, test } from 'vitest'
import type { PendingGrantRecord, Store } from '../store.ts'
import { clientRecord, fresh, freshHandle, grounds, issuedFor, longEnd, now, tally } from './records.ts'

export function pendingGrantsContract(open: () => Promise<Store>): void {
  describe('pending grants', () => {
    naming(open)
    deciding(open)
    polling(open)
    redeeming(open)
    ending(open)
  })
}

function pendingGrant(overrides: Partial<PendingGrantRecord> = {}): PendingGrantRecord {
  return {
    hash: freshHandle().hash,
    kind: 'device',
    lookup: fresh('WDJB-MJHT'),
    clientId: 'tv',
    request: { scope: 'openid', nested: { resources: ['https://api.example.com'] } },
    intervalSeconds: 5,
    createdAt: now,
    expiresAt: now + 600,
    ...overrides,
  }
}

async function created(store: Store, overrides: Partial<PendingGrantRecord> = {}): Promise<PendingGrantRecord> {
  const record = pendingGrant(overrides)
  expect(await store.pendingGrants.create(record)).toBe('created')
  return record
}

function naming(open: () => Promise<Store>): void {
  test('RFC 8628 §3.2: a pending grant is found by its code and by its user code until it expires', async () => {
    const store = await open()
    const record = await created(store)
    const lookup = record.lookup ?? ''
    expect(await store.pendingGrants.find(record.hash, now)).toEqual(record)
    expect(await store.pendingGrants.findByLookup(lookup, now)).toEqual(record)
    expect(await store.pendingGrants.find(record.hash, record.expiresAt)).toBeNull()
    expect(await store.pendingGrants.findByLookup(lookup, record.expiresAt)).toBeNull()
    expect(await store.pendingGrants.findByLookup('unknown', now)).toBeNull()
  })
  test('RFC 8628 §6.1: of many devices at once one gets a user code, which is free again once it has expired', async () => {
    const store = await open()
    const lookup = fresh('code')
    const rivals = Array.from({ length: 10 }, () => pendingGrant({ lookup }))
    const answers = await Promise.all(rivals.map((record) => store.pendingGrants.create(record)))
    expect(tally(answers)).toEqual({ created: 1, taken: 9 })
    const later = pendingGrant({ lookup, createdAt: now + 600, expiresAt: now + 1200 })
    expect(await store.pendingGrants.create(later)).toBe('created')
    expect((await store.pendingGrants.findByLookup(lookup, now + 600))?.hash).toBe(later.hash)
  })
  test('grants without a user code do not get in each other’s way', async () => {
    const store = await open()
    await created(store, { kind: 'ciba', lookup: null })
    await created(store, { kind: 'ciba', lookup: null })
  })
}

function deciding(open: () => Promise<Store>): void {
  test('of many decisions at once the first stands', async () => {
    const store = await open()
    const record = await created(store)
    const approvals = Array.from({ length: 10 }, () => grounds())
    const answers = await Promise.all(
      approvals.map((approved) => store.pendingGrants.decide(record.hash, { approved }, now)),
    )
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await store.pendingGrants.decide(record.hash, 'denied', now)).toBe(false)
    const approved = approvals[answers.indexOf(true)]
    expect(await store.pendingGrants.poll(record.hash, now)).toEqual({ outcome: 'approved', grounds: approved })
  })
  test('a decided grant is not found by its user code any more, and its name stays taken', async () => {
    const store = await open()
    const record = await created(store)
    await store.pendingGrants.decide(record.hash, 'denied', now)
    expect(await store.pendingGrants.findByLookup(record.lookup ?? '', now)).toBeNull()
    expect(await store.pendingGrants.create(pendingGrant({ lookup: record.lookup }))).toBe('taken')
  })
  test('what is unknown or has expired is not decided', async () => {
    const store = await open()
    const record = await created(store)
    expect(await store.pendingGrants.decide(record.hash, 'denied', record.expiresAt)).toBe(false)
    expect(await store.pendingGrants.decide(freshHandle().hash, 'denied', now)).toBe(false)
    expect(await store.pendingGrants.poll(record.hash, now)).toEqual({ outcome: 'pending' })
  })
}

function polling(open: () => Promise<Store>): void {
  test('RFC 8628 §3.5: a poll before the interval has passed is told to slow down, and the interval grows by 5 seconds', async () => {
    const store = await open()
    const { hash } = await created(store)
    const outcomes = []
    for (const second of [0, 4, 13, 23]) outcomes.push((await store.pendingGrants.poll(hash, now + second)).outcome)
    expect(outcomes).toEqual(['pending', 'slow_down', 'slow_down', 'slow_down'])
    expect((await store.pendingGrants.find(hash, now))?.intervalSeconds).toBe(20)
    expect(await store.pendingGrants.poll(hash, now + 43)).toEqual({ outcome: 'pending' })
  })
  test('of many polls at once one is in time', async () => {
    const store = await open()
    const { hash } = await created(store)
    const polls = await Promise.all(Array.from({ length: 10 }, () => store.pendingGrants.poll(hash, now)))
    expect(tally(polls.map((poll) => poll.outcome))).toEqual({ pending: 1, slow_down: 9 })
    expect((await store.pendingGrants.find(hash, now))?.intervalSeconds).toBe(50)
  })
  test('a decision is told at once, however early the poll', async () => {
    const store = await open()
    const { hash } = await created(store)
    await store.pendingGrants.poll(hash, now)
    await store.pendingGrants.decide(hash, 'denied', now)
    expect(await store.pendingGrants.poll(hash, now)).toEqual({ outcome: 'denied' })
  })
  test('an expired grant and one never issued are told apart', async () => {
    const store = await open()
    const record = await created(store)
    await store.pendingGrants.decide(record.hash, { approved: grounds() }, now)
    expect(await store.pendingGrants.poll(record.hash, record.expiresAt)).toEqual({ outcome: 'expired' })
    expect(await store.pendingGrants.poll(freshHandle().hash, now)).toEqual({ outcome: 'unknown' })
  })
}

function redeeming(open: () => Promise<Store>): void {
  test('features 14: of many callers at once one redeems an approved grant, and all it brings is written', async () => {
    const store = await open()
    const { hash } = await created(store)
    const of = grounds()
    await store.pendingGrants.decide(hash, { approved: of }, now)
    const tries = Array.from({ length: 10 }, () => issuedFor(of))
    const answers = await Promise.all(tries.map((issued) => store.pendingGrants.redeem(hash, issued, now)))
    expect(tally(answers)).toEqual({ redeemed: 1, unknown: 9 })
    const found = await Promise.all(tries.map((issued) => store.refreshTokens.find(issued.refreshToken.hash)))
    expect(found.filter((token) => token !== null)).toHaveLength(1)
    expect((await store.families.find(of.familyId))?.expiresAt).toBe(longEnd)
    expect(await store.pendingGrants.poll(hash, now)).toEqual({ outcome: 'unknown' })
    expect(await store.pendingGrants.find(hash, now)).toBeNull()
  })
  test('nothing is written for a grant that nobody decided, that was denied, or that expired', async () => {
    const store = await open()
    const of = grounds()
    const [open_, refused, late] = [await created(store), await created(store), await created(store)]
    await store.pendingGrants.decide(refused.hash, 'denied', now)
    await store.pendingGrants.decide(late.hash, { approved: of }, now)
    const redeem = (hash: PendingGrantRecord['hash'], at: number) => store.pendingGrants.redeem(hash, issuedFor(of), at)
    expect(await redeem(open_.hash, now)).toBe('unknown')
    expect(await redeem(refused.hash, now)).toBe('unknown')
    expect(await redeem(late.hash, late.expiresAt)).toBe('unknown')
    expect(await redeem(freshHandle().hash, now)).toBe('unknown')
    expect(await store.families.find(of.familyId)).toBeNull()
  })
  test('a redemption that cannot be written whole is not written at all', async () => {
    const store = await open()
    const { hash } = await created(store)
    const of = grounds()
    await store.pendingGrants.decide(hash, { approved: of }, now)
    const issued = issuedFor(of)
    await store.accessTokens.create(issued.accessToken)
    await expect(store.pendingGrants.redeem(hash, issued, now)).rejects.toThrow()
    expect(await store.refreshTokens.find(issued.refreshToken.hash)).toBeNull()
    expect(await store.pendingGrants.redeem(hash, issuedFor(of), now)).toBe('redeemed')
  })
}

function ending(open: () => Promise<Store>): void {
  test('an approved grant whose family, OP session or client ended is not redeemed', async () => {
    const store = await open()
    const client = clientRecord()
    await store.clients.create(client)
    const approved = Array.from({ length: 3 }, () => grounds({ clientId: client.metadata.client_id }))
    const records = []
    for (const of of approved) {
      const record = await created(store, { clientId: of.clientId })
      await store.pendingGrants.decide(record.hash, { approved: of }, now)
      records.push(record)
    }
    await store.families.revoke(approved[0]?.familyId ?? '', now, longEnd)
    await store.families.revokeSession({ sid: approved[1]?.sid ?? '', sub: '' }, now)
    await store.clients.delete(client.metadata.client_id, now)
    for (const [index, { hash }] of records.entries()) {
      const issued = issuedFor(approved[index] ?? grounds())
      expect(await store.pendingGrants.redeem(hash, issued, now)).toBe('unknown')
      expect(await store.accessTokens.find(issued.accessToken.hash, now)).toBeNull()
    }
  })
  test('features 12: an expired pending grant is swept', async () => {
    const store = await open()
    const record = await created(store)
    expect(await store.sweep(record.expiresAt - 1, 10)).toBe(0)
    expect(await store.sweep(record.expiresAt, 10)).toBe(1)
    expect(await store.pendingGrants.poll(record.hash, record.expiresAt)).toEqual({ outcome: 'unknown' })
  })
}
