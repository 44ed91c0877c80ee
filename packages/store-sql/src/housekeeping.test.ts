import { DatabaseSync } from 'node:sqlite'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { afterAll, expect, test } from 'vitest'
import { createSqliteStore, openSqlite, type SqliteDatabase } from './index.ts'
import { createSweep } from './sweep.ts'
import { hashOf, now } from './trials/records.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

/** Access tokens of about a kilobyte that expire at `now`. */
async function fill(db: SqliteDatabase, rows: number, from = 0): Promise<void> {
  const insert = db.prepare("insert into access_tokens values (?, 'family', null, ?, ?)")
  const data = 'x'.repeat(900)
  await db.write(() => {
    for (let row = from; row < from + rows; row++) insert.run(hashOf('expired', row), now, data)
  })
}

const pagesOf = (db: SqliteDatabase) => db.prepare<{ page_count: number }>('pragma page_count').get()?.page_count ?? 0

test('features 12: a file gives back what expired rows left, a few megabytes at a time, and keeps room for those to come', async () => {
  const db = openSqlite(files.next())
  const store = createSqliteStore(db)
  await fill(db, 40_000)
  const full = pagesOf(db)
  expect(await store.sweep(now, 100_000)).toBe(40_000)
  const after = pagesOf(db)
  expect(full - after).toBeGreaterThan(1000)
  expect(full - after).toBeLessThanOrEqual(2100)
  for (let round = 0; round < 20; round++) expect(await store.sweep(now, 500)).toBe(0)
  const least = pagesOf(db)
  expect(least).toBeLessThan(6000)
  await fill(db, 10_000, 40_000)
  expect(pagesOf(db)).toBe(least)
  expect(db.prepare<{ quick_check: string }>('pragma quick_check').get()?.quick_check).toBe('ok')
  await store.close()
})

test('a file that was made without that goes on as it is: free pages are used again', async () => {
  const file = files.next()
  const made = new DatabaseSync(file.replace('latchkey.db', 'old.db'))
  made.exec('pragma auto_vacuum = none; create table latchkey_migrations (name text primary key) without rowid')
  made.close()
  const db = openSqlite(file.replace('latchkey.db', 'old.db'))
  const store = createSqliteStore(db)
  await fill(db, 30_000)
  const full = pagesOf(db)
  expect(await store.sweep(now, 100_000)).toBe(30_000)
  expect(pagesOf(db)).toBe(full)
  await fill(db, 30_000, 30_000)
  expect(pagesOf(db)).toBeLessThan(full * 1.05)
  await store.close()
})

test('a sweep takes fewer rows at a time where the disk is slow, and more where it is quick', async () => {
  const db = openSqlite(files.next())
  /** How many transactions a sweep of 5000 rows takes when each seems to last so many seconds. */
  async function transactions(seconds: number): Promise<number> {
    await fill(db, 5000)
    let at = 0
    let count = 0
    const watched = { ...db, write: <T>(work: () => T) => db.write(work).finally(() => void count++) }
    const clock = { now: () => (at += seconds) }
    const sweep = createSweep(watched, [{ table: 'access_tokens', key: 'hash', condition: 'expires_at <= ?1' }], clock)
    expect(await sweep(now, 10_000)).toBe(5000)
    return count
  }
  expect(await transactions(0.2)).toBeGreaterThan(190)
  expect(await transactions(0.01)).toBe(101)
  expect(await transactions(0.001)).toBeLessThan(30)
  await db.close()
})

test('the log is written to the file in smaller parts while rows are swept, and as usual afterwards', async () => {
  const db = openSqlite(files.next())
  const store = createSqliteStore(db)
  await fill(db, 1000)
  const pages = () =>
    db.prepare<{ wal_autocheckpoint: number }>('pragma wal_autocheckpoint').get()?.wal_autocheckpoint ?? 0
  const usual = pages()
  const sweeps = [store.sweep(now, 500), store.sweep(now, 500)]
  expect(pages()).toBeLessThan(usual)
  await Promise.all(sweeps)
  expect(pages()).toBe(usual)
  await store.close()
})

test('writes that come while rows are swept are answered between two batches, not after all of them', async () => {
  const db = openSqlite(files.next())
  const store = createSqliteStore(db, { runtime: systemRuntime })
  await fill(db, 20_000)
  let isOver = false
  const swept = store.sweep(now, 20_000).finally(() => {
    isOver = true
  })
  let answered = 0
  while (!isOver) {
    await store.replays.remember(`${answered}`, now + 60, now)
    if (!isOver) answered++
  }
  expect(await swept).toBe(20_000)
  expect(answered).toBeGreaterThan(20)
  await store.close()
})
