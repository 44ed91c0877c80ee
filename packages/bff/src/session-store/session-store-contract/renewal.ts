import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../session-store.ts'
import { now, sessionRecord } from './records.ts'

const lease = (instant: number) => ({ now: instant, leaseSeconds: 10 })

export function renewalContract(open: () => Promise<SessionStore>): void {
  describe('renewal', () => {
    claims(open)
    commits(open)
    refusedCommits(open)
    leases(open)
  })
}

async function withSession(open: () => Promise<SessionStore>) {
  const store = await open()
  const record = sessionRecord()
  await store.create(record, null)
  return { store, record, hash: record.hash }
}

async function claim(store: SessionStore, hash: string, instant = now): Promise<number> {
  const claimed = await store.claimRefresh(hash, 1, lease(instant))
  if (claimed.outcome !== 'claimed') throw new Error(`expected a claim, got ${claimed.outcome}`)
  return claimed.fence
}

function claims(open: () => Promise<SessionStore>): void {
  test('features 45: of many callers at once exactly one may renew, the others learn until when', async () => {
    const { store, hash } = await withSession(open)
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.claimRefresh(hash, 1, lease(now))))
    expect(answers.filter((answer) => answer.outcome === 'claimed')).toHaveLength(1)
    const busy = answers.filter((answer) => answer.outcome === 'busy')
    expect(busy).toHaveLength(19)
    expect(new Set(busy.map((answer) => answer.leaseEndsAt))).toEqual(new Set([now + 10]))
  })
  test('features 45: a caller that read the tokens before they changed is told so', async () => {
    const { store, hash } = await withSession(open)
    const fence = await claim(store, hash)
    await store.commitTokens(hash, { sealedTokens: 'sealed-2', version: 1, fence, now })
    expect(await store.claimRefresh(hash, 1, lease(now))).toEqual({ outcome: 'moved' })
  })
  test('a lease that ran out passes to the next, under a larger fence', async () => {
    const { store, hash } = await withSession(open)
    const first = await claim(store, hash)
    expect(await store.claimRefresh(hash, 1, lease(now + 9))).toEqual({ outcome: 'busy', leaseEndsAt: now + 10 })
    expect(await claim(store, hash, now + 10)).toBeGreaterThan(first)
  })
  test('a session that is unknown, expired or revoked has nothing to renew', async () => {
    const { store, record, hash } = await withSession(open)
    expect(await store.claimRefresh('unknown', 1, lease(now))).toEqual({ outcome: 'gone' })
    expect(await store.claimRefresh(hash, 1, lease(record.idleExpiresAt))).toEqual({ outcome: 'gone' })
    await store.revoke({ hash }, now)
    expect(await store.claimRefresh(hash, 1, lease(now))).toEqual({ outcome: 'gone' })
  })
}

function commits(open: () => Promise<SessionStore>): void {
  test('the holder’s tokens are written, grow the version and free the lease', async () => {
    const { store, record, hash } = await withSession(open)
    const fence = await claim(store, hash)
    const commit = { sealedTokens: 'sealed-2', version: 1, fence, now }
    expect(await store.commitTokens(hash, commit)).toBe('committed')
    expect(await store.load(hash, now)).toEqual({ ...record, sealedTokens: 'sealed-2', version: 2 })
    expect(await store.commitTokens(hash, commit)).toBe('superseded')
    expect(await store.claimRefresh(hash, 2, lease(now))).toEqual({ outcome: 'claimed', fence: fence + 1 })
  })
  test('features 48: a holder that was overtaken writes nothing', async () => {
    const { store, hash } = await withSession(open)
    const slow = await claim(store, hash)
    const quick = await claim(store, hash, now + 10)
    const late = { sealedTokens: 'slow', version: 1, fence: slow, now: now + 11 }
    expect(await store.commitTokens(hash, late)).toBe('superseded')
    const due = { sealedTokens: 'quick', version: 1, fence: quick, now: now + 11 }
    expect(await store.commitTokens(hash, due)).toBe('committed')
    expect((await store.load(hash, now + 11))?.sealedTokens).toBe('quick')
  })
  test('features 47: a holder whose lease ran out still saves its tokens when nobody took over', async () => {
    const { store, hash } = await withSession(open)
    const fence = await claim(store, hash)
    const late = { sealedTokens: 'sealed-2', version: 1, fence, now: now + 60 }
    expect(await store.commitTokens(hash, late)).toBe('committed')
  })
}

function refusedCommits(open: () => Promise<SessionStore>): void {
  test('features 48: a revoked session is not brought back by a renewal that was under way', async () => {
    const { store, hash } = await withSession(open)
    const fence = await claim(store, hash)
    await store.revoke({ hash }, now + 1)
    const commit = { sealedTokens: 'sealed-2', version: 1, fence, now: now + 2 }
    expect(await store.commitTokens(hash, commit)).toBe('gone')
    expect(await store.load(hash, now + 2)).toBeNull()
    await store.sweep(now + 10_000_000, 100)
    expect(await store.commitTokens(hash, { ...commit, now })).toBe('gone')
  })
  test('nobody commits under a fence or a version that was never given', async () => {
    const { store, hash } = await withSession(open)
    const guess = { sealedTokens: 'guess', version: 1, fence: 0, now }
    expect(await store.commitTokens(hash, guess)).toBe('superseded')
    const fence = await claim(store, hash)
    expect(await store.commitTokens(hash, { ...guess, fence: fence + 1 })).toBe('superseded')
    expect(await store.commitTokens(hash, { ...guess, fence, version: 2 })).toBe('superseded')
    expect((await store.load(hash, now))?.sealedTokens).toBe('sealed-1')
  })
}

function leases(open: () => Promise<SessionStore>): void {
  test('only the holder lengthens a lease', async () => {
    const { store, hash } = await withSession(open)
    const fence = await claim(store, hash)
    expect(await store.renewLease(hash, fence, lease(now + 5))).toBe(true)
    expect(await store.claimRefresh(hash, 1, lease(now + 14))).toEqual({ outcome: 'busy', leaseEndsAt: now + 15 })
    expect(await store.renewLease(hash, fence + 1, lease(now + 5))).toBe(false)
    await claim(store, hash, now + 15)
    expect(await store.renewLease(hash, fence, lease(now + 16))).toBe(false)
    await store.revoke({ hash }, now + 16)
    expect(await store.renewLease(hash, fence + 1, lease(now + 16))).toBe(false)
  })
  test('a lease given back is free at once, and its fence is worth nothing any more', async () => {
    const { store, hash } = await withSession(open)
    const fence = await claim(store, hash)
    await store.releaseRefresh(hash, fence)
    expect(await store.renewLease(hash, fence, lease(now))).toBe(false)
    const late = { sealedTokens: 'late', version: 1, fence, now }
    expect(await store.commitTokens(hash, late)).toBe('superseded')
    expect(await claim(store, hash)).toBeGreaterThan(fence)
  })
  test('an overtaken holder cannot give back the lease of the next', async () => {
    const { store, hash } = await withSession(open)
    const slow = await claim(store, hash)
    await claim(store, hash, now + 10)
    await store.releaseRefresh(hash, slow)
    expect((await store.claimRefresh(hash, 1, lease(now + 11))).outcome).toBe('busy')
  })
}
