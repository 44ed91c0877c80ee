import { describe, expect, test } from 'vitest'
import type { LogoutDelivery, PushedRequestRecord, Store } from '../store.ts'
import { clientRecord, fresh, freshHandle, now } from './records.ts'

/** What is kept between one step and the next: pushed requests, logout tokens on their way, leases, whom to tell. */
export function errandsContract(open: () => Promise<Store>): void {
  describe('pushed requests', () => pushedRequests(open))
  describe('logout deliveries', () => {
    deliveries(open)
    settling(open)
  })
  describe('leases', () => leases(open))
  describe('clients of a session', () => sessionClients(open))
}

function pushedRequests(open: () => Promise<Store>): void {
  function pushedRequest(overrides: Partial<PushedRequestRecord> = {}): PushedRequestRecord {
    const { hash } = freshHandle()
    return { hash, clientId: 'web', request: 'scope=openid', dpopJkt: null, expiresAt: now + 60, ...overrides }
  }
  test('RFC 9126 §7.3: of many callers at once exactly one takes a pushed request', async () => {
    const store = await open()
    const record = pushedRequest({ dpopJkt: 'thumbprint' })
    await store.pushedRequests.create(record)
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => store.pushedRequests.consume(record.hash, 'web', now)),
    )
    expect(answers.filter((answer) => answer !== null)).toEqual([record])
  })
  test('RFC 9126 §2.2: another client does not get it, and does not take it from its owner', async () => {
    const store = await open()
    const record = pushedRequest()
    await store.pushedRequests.create(record)
    expect(await store.pushedRequests.find(record.hash, 'other', now)).toBeNull()
    expect(await store.pushedRequests.consume(record.hash, 'other', now)).toBeNull()
    expect(await store.pushedRequests.find(record.hash, 'web', now)).toEqual(record)
    expect(await store.pushedRequests.find(record.hash, 'web', now)).toEqual(record)
    expect(await store.pushedRequests.consume(record.hash, 'web', now)).toEqual(record)
  })
  test('an expired or unknown one is not taken, and goes with the sweep; a key is given out once', async () => {
    const store = await open()
    const record = pushedRequest()
    await store.pushedRequests.create(record)
    await expect(store.pushedRequests.create(record)).rejects.toThrow()
    expect(await store.pushedRequests.find(record.hash, 'web', record.expiresAt)).toBeNull()
    expect(await store.pushedRequests.consume(record.hash, 'web', record.expiresAt)).toBeNull()
    expect(await store.pushedRequests.consume(freshHandle().hash, 'web', now)).toBeNull()
    expect(await store.sweep(record.expiresAt, 10)).toBe(1)
  })
  test('a deleted client’s pushed requests go with it', async () => {
    const store = await open()
    const client = clientRecord()
    const record = pushedRequest({ clientId: client.metadata.client_id })
    await store.clients.create(client)
    await store.pushedRequests.create(record)
    await store.clients.delete(record.clientId, now)
    expect(await store.pushedRequests.consume(record.hash, record.clientId, now)).toBeNull()
  })
}

function delivery(overrides: Partial<LogoutDelivery> = {}): LogoutDelivery {
  const id = fresh('delivery')
  const times = { attempts: 0, nextAttemptAt: now, expiresAt: now + 3600 }
  return { id, clientId: 'web', sub: 'alice', sid: 'sid', ping: null, ...times, ...overrides }
}

function deliveries(open: () => Promise<Store>): void {
  test('Back-Channel Logout §2.5: what is due is given to one caller, and to nobody else until its lease ends', async () => {
    const store = await open()
    const due = Array.from({ length: 20 }, () => delivery())
    await store.logoutDeliveries.enqueue([...due, delivery({ nextAttemptAt: now + 1 }), delivery({ expiresAt: now })])
    const claims = await Promise.all(
      Array.from({ length: 10 }, () => store.logoutDeliveries.claim({ now, leaseSeconds: 30, limit: 3 })),
    )
    const ids = claims.flat().map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const rest = await store.logoutDeliveries.claim({ now, leaseSeconds: 30, limit: 100 })
    expect([...ids, ...rest.map(({ id }) => id)].sort()).toEqual(due.map(({ id }) => id).sort())
    expect(await store.logoutDeliveries.claim({ now, leaseSeconds: 30, limit: 100 })).toEqual([])
    expect(await store.logoutDeliveries.claim({ now: now + 30, leaseSeconds: 30, limit: 100 })).toHaveLength(21)
  })
  test('the oldest come first, as they were written down, and each claim counts as an attempt', async () => {
    const store = await open()
    const [late, early] = [delivery({ nextAttemptAt: now }), delivery({ nextAttemptAt: now - 5, ping: 'sealed' })]
    await store.logoutDeliveries.enqueue([late, early])
    expect(await store.logoutDeliveries.claim({ now, leaseSeconds: 30, limit: 1 })).toEqual([early])
    expect(await store.logoutDeliveries.claim({ now, leaseSeconds: 30, limit: 1 })).toEqual([late])
    const [again] = await store.logoutDeliveries.claim({ now: now + 30, leaseSeconds: 30, limit: 1 })
    expect(again?.attempts).toBe(1)
  })
}

function settling(open: () => Promise<Store>): void {
  test('what was delivered or given up does not come again, what failed comes when it is its turn', async () => {
    const store = await open()
    const [done, failed] = [delivery(), delivery()]
    await store.logoutDeliveries.enqueue([done, failed])
    await store.logoutDeliveries.claim({ now, leaseSeconds: 30, limit: 9 })
    await store.logoutDeliveries.settle(done.id, null)
    await store.logoutDeliveries.settle(failed.id, now + 100)
    await store.logoutDeliveries.settle('unknown', null)
    expect(await store.logoutDeliveries.claim({ now: now + 99, leaseSeconds: 30, limit: 9 })).toEqual([])
    const [left, ...none] = await store.logoutDeliveries.claim({ now: now + 100, leaseSeconds: 30, limit: 9 })
    expect(left).toMatchObject({ id: failed.id, attempts: 1 })
    expect(none).toEqual([])
  })
  test('none is written when one cannot be; those that expired are swept', async () => {
    const store = await open()
    const one = delivery()
    await expect(store.logoutDeliveries.enqueue([one, delivery(), one])).rejects.toThrow()
    await store.logoutDeliveries.enqueue([])
    expect(await store.logoutDeliveries.claim({ now, leaseSeconds: 30, limit: 9 })).toEqual([])
    await store.logoutDeliveries.enqueue([one])
    expect(await store.sweep(one.expiresAt, 9)).toBe(1)
  })
}

function leases(open: () => Promise<Store>): void {
  const at = (instant: number) => ({ now: instant, seconds: 30 })
  test('of many holders at once one has the lease, until it ends or is given back', async () => {
    const store = await open()
    const name = fresh('lease')
    const holders = Array.from({ length: 10 }, (_, index) => `node-${index}`)
    const fences = await Promise.all(holders.map((holder) => store.leases.acquire(name, holder, at(now))))
    expect(fences.filter((fence) => fence !== null)).toHaveLength(1)
    const index = fences.findIndex((fence) => fence !== null)
    const [holder = '', other = ''] = [holders[index], holders[index === 0 ? 1 : 0]]
    expect(await store.leases.acquire(name, other, at(now + 29))).toBeNull()
    await store.leases.release(name, other)
    expect(await store.leases.acquire(name, other, at(now + 29))).toBeNull()
    await store.leases.release(name, holder)
    expect(await store.leases.acquire(name, other, at(now + 29))).toBeGreaterThan(fences[index] ?? 0)
  })
  test('each fence is larger than any before, for the same holder too', async () => {
    const store = await open()
    const name = fresh('lease')
    const fences = []
    for (const [holder, instant] of [
      ['a', now],
      ['a', now + 10],
      ['b', now + 40],
      ['a', now + 70],
    ] as const) {
      fences.push((await store.leases.acquire(name, holder, at(instant))) ?? 0)
    }
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
    expect(fences).not.toContain(0)
    expect(await store.leases.acquire(fresh('lease'), 'b', at(now))).not.toBeNull()
  })
}

function sessionClients(open: () => Promise<Store>): void {
  test('the clients of a session are known once each, also after it ended, and no other’s', async () => {
    const store = await open()
    const sid = fresh('sid')
    await Promise.all(['b', 'a', 'b'].map((client) => store.sessions.noteClient(sid, client, now + 60)))
    await store.sessions.noteClient(fresh('sid'), 'c', now + 60)
    await store.families.revokeSession({ sid, sub: '' }, now)
    expect(await store.sessions.clientsOf(sid)).toEqual(['a', 'b'])
    expect(await store.sessions.clientsOf(fresh('sid'))).toEqual([])
  })
  test('they are forgotten at their latest end, or with the client', async () => {
    const store = await open()
    const client = clientRecord({ client_id: 'leaving' })
    await store.clients.create(client)
    const sid = fresh('sid')
    await store.sessions.noteClient(sid, 'a', now + 60)
    await store.sessions.noteClient(sid, 'a', now + 30)
    await store.sessions.noteClient(sid, 'b', now + 30)
    await store.sessions.noteClient(sid, 'leaving', now + 600)
    await store.clients.delete('leaving', now)
    expect(await store.sessions.clientsOf(sid)).toEqual(['a', 'b'])
    expect(await store.sweep(now + 59, 9)).toBe(1)
    expect(await store.sessions.clientsOf(sid)).toEqual(['a'])
    expect(await store.sweep(now + 60, 9)).toBe(1)
    expect(await store.sessions.clientsOf(sid)).toEqual([])
  })
}
