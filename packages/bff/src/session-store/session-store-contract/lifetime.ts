import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../session-store.ts'
import { now, sessionRecord } from './records.ts'

export function lifetimeContract(open: () => Promise<SessionStore>): void {
  describe('lifetime', () => {
    creation(open)
    sliding(open)
    once(open)
    sweeping(open)
  })
}

function creation(open: () => Promise<SessionStore>): void {
  test('a session is kept as it was made until its idle end', async () => {
    const store = await open()
    const record = sessionRecord({ sid: null })
    await store.create(record, null)
    expect(await store.load(record.hash, record.idleExpiresAt - 1)).toEqual(record)
    expect(await store.load(record.hash, record.idleExpiresAt)).toBeNull()
    expect(await store.load('unknown', now)).toBeNull()
  })
  test('features 51: a session that replaces another revokes it in the same step', async () => {
    const store = await open()
    const before = sessionRecord()
    const after = sessionRecord()
    await store.create(before, null)
    await store.create(after, before.hash)
    expect(await store.load(before.hash, now)).toBeNull()
    expect(await store.load(after.hash, now)).toEqual(after)
  })
  test('features 48: a revoked session cannot be made again under its key', async () => {
    const store = await open()
    const record = sessionRecord()
    await store.create(record, null)
    await expect(store.create(record, null)).rejects.toThrow()
    await store.revoke({ hash: record.hash }, now)
    await expect(store.create(record, null)).rejects.toThrow()
    expect(await store.load(record.hash, now)).toBeNull()
  })
}

function sliding(open: () => Promise<SessionStore>): void {
  test('a touch slides the idle end, never past the absolute one', async () => {
    const store = await open()
    const record = sessionRecord()
    await store.create(record, null)
    expect(await store.touch(record.hash, { now: now + 60, idleExpiresAt: now + 1860 })).toBe(true)
    expect(await store.load(record.hash, now)).toEqual({
      ...record,
      lastSeenAt: now + 60,
      idleExpiresAt: now + 1860,
    })
    await store.touch(record.hash, { now: now + 61, idleExpiresAt: now + 99_999 })
    expect((await store.load(record.hash, now))?.idleExpiresAt).toBe(record.absoluteExpiresAt)
    expect(await store.load(record.hash, record.absoluteExpiresAt)).toBeNull()
  })
  test('a touch that arrives late takes nothing back', async () => {
    const store = await open()
    const record = sessionRecord()
    await store.create(record, null)
    await store.touch(record.hash, { now: now + 60, idleExpiresAt: now + 1860 })
    expect(await store.touch(record.hash, { now: now + 30, idleExpiresAt: now + 1830 })).toBe(true)
    const kept = await store.load(record.hash, now)
    expect([kept?.lastSeenAt, kept?.idleExpiresAt]).toEqual([now + 60, now + 1860])
  })
  test('features 48: a touch brings back neither an expired nor a revoked session', async () => {
    const store = await open()
    const expired = sessionRecord()
    const revoked = sessionRecord()
    await store.create(expired, null)
    await store.create(revoked, null)
    await store.revoke({ hash: revoked.hash }, now)
    const late = { now: expired.idleExpiresAt, idleExpiresAt: expired.idleExpiresAt + 1800 }
    expect(await store.touch(expired.hash, late)).toBe(false)
    expect(await store.load(expired.hash, expired.idleExpiresAt)).toBeNull()
    expect(await store.touch(revoked.hash, { now, idleExpiresAt: now + 1800 })).toBe(false)
    expect(await store.touch('unknown', { now, idleExpiresAt: now + 1800 })).toBe(false)
  })
}

function once(open: () => Promise<SessionStore>): void {
  test('features 53: of many callers at once exactly one is the first with a one-time value', async () => {
    const store = await open()
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.rememberOnce('state:x', now + 60, now)))
    expect(answers.filter(Boolean)).toHaveLength(1)
    expect(await store.rememberOnce('state:x', now + 120, now + 59)).toBe(false)
    expect(await store.rememberOnce('state:x', now + 120, now + 60)).toBe(true)
    expect(await store.rememberOnce('state:y', now + 60, now)).toBe(true)
    // What is remembered until now is only looked for.
    for (const first of [true, true]) expect(await store.rememberOnce('state:z', now, now)).toBe(first)
    expect(await store.rememberOnce('state:y', now, now)).toBe(false)
    expect(await store.rememberOnce('state:y', now + 60, now + 59)).toBe(false)
  })
}

function sweeping(open: () => Promise<SessionStore>): void {
  test('expired rows go in batches, live ones stay', async () => {
    const store = await open()
    const live = sessionRecord({ idleExpiresAt: now + 9000 })
    await store.create(live, null)
    for (let index = 0; index < 4; index++) await store.create(sessionRecord(), null)
    await store.rememberOnce('state:x', now + 60, now)
    expect(await store.sweep(now + 59, 100)).toBe(0)
    expect(await store.sweep(now + 1800, 3)).toBe(3)
    expect(await store.sweep(now + 1800, 3)).toBe(2)
    expect(await store.sweep(now + 1800, 3)).toBe(0)
    expect(await store.load(live.hash, now + 1800)).toEqual(live)
  })
  test('a revoked session is remembered for a while, then swept', async () => {
    const store = await open()
    const record = sessionRecord()
    await store.create(record, null)
    await store.revoke({ hash: record.hash }, now)
    expect(await store.sweep(now + 60, 100)).toBe(0)
    expect(await store.sweep(record.absoluteExpiresAt + 86_400, 100)).toBe(1)
  })
}
