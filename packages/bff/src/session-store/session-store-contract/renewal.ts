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
    announcements(open)
    takingOver(open)
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
    expect(busy[0]).toMatchObject({ fence: 1, asked: null })
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
    expect(await store.claimRefresh(hash, 1, lease(now + 9))).toMatchObject({ outcome: 'busy', leaseEndsAt: now + 10 })
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
    expect(await store.claimRefresh(hash, 1, lease(now + 14))).toMatchObject({ outcome: 'busy', leaseEndsAt: now + 15 })
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

function announcements(open: () => Promise<SessionStore>): void {
  const asking = (instant: number) => ({ ...lease(instant), answerBy: instant + 40 })
  test('features 45: while an announced request may still be answered nobody else may ask, lease or not', async () => {
    const { store, hash } = await withSession(open)
    const fence = await claim(store, hash)
    expect(await store.announceRequest(hash, fence, asking(now + 2))).toBe(true)
    const answer = await store.claimRefresh(hash, 1, lease(now + 41))
    expect(answer).toMatchObject({ outcome: 'busy', fence, leaseEndsAt: now + 12 })
    expect(answer).toMatchObject({ asked: { at: now + 2, answerBy: now + 42 } })
    expect(await claim(store, hash, now + 42)).toBe(fence + 1)
    expect(await store.claimRefresh(hash, 1, lease(now + 42))).toMatchObject({ outcome: 'busy', asked: null })
  })
  test('a request is announced by the holder only, also by one whose lease ran out and nobody took', async () => {
    const { store, hash } = await withSession(open)
    const slow = await claim(store, hash)
    expect(await store.announceRequest(hash, slow + 1, asking(now))).toBe(false)
    expect(await store.announceRequest(hash, slow, asking(now + 30))).toBe(true)
    await claim(store, hash, now + 70)
    expect(await store.announceRequest(hash, slow, asking(now + 70))).toBe(false)
    await store.revoke({ hash }, now + 70)
    expect(await store.announceRequest(hash, slow + 1, asking(now + 70))).toBe(false)
  })
  test('with the lease given back or the tokens written an announced request is over', async () => {
    const { store, hash } = await withSession(open)
    const first = await claim(store, hash)
    await store.announceRequest(hash, first, asking(now))
    await store.releaseRefresh(hash, first)
    expect(await store.announceRequest(hash, first, asking(now))).toBe(false)
    const second = await claim(store, hash)
    await store.announceRequest(hash, second, asking(now))
    await store.commitTokens(hash, { sealedTokens: 'sealed-2', version: 1, fence: second, now })
    expect(await store.claimRefresh(hash, 2, lease(now))).toEqual({ outcome: 'claimed', fence: second + 1 })
  })
}

function takingOver(open: () => Promise<SessionStore>): void {
  test('one of many takes over from a named holder; whoever named an older one learns who holds it now', async () => {
    const { store, hash } = await withSession(open)
    const dead = await claim(store, hash)
    await store.announceRequest(hash, dead, { ...lease(now), answerBy: now + 40 })
    const at = { ...lease(now + 1), instead: dead }
    const answers = await Promise.all(Array.from({ length: 10 }, () => store.claimRefresh(hash, 1, at)))
    expect(answers.filter(({ outcome }) => outcome === 'claimed')).toEqual([{ outcome: 'claimed', fence: dead + 1 }])
    expect(answers.filter(({ outcome }) => outcome === 'busy')[0]).toMatchObject({ fence: dead + 1, asked: null })
    const late = { sealedTokens: 'late', version: 1, fence: dead, now: now + 2 }
    expect(await store.commitTokens(hash, late)).toBe('superseded')
  })
  test('the holder is named, and a process that lives is never told to be gone', async () => {
    const { store, hash } = await withSession(open)
    await claim(store, hash)
    const answer = await store.claimRefresh(hash, 1, lease(now))
    if (answer.outcome !== 'busy') throw new Error(`expected busy, got ${answer.outcome}`)
    expect(answer.holder).not.toBe('')
    expect(await store.isGone(answer.holder)).toBe(false)
  })
}
