import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { OAuthError } from '@latchkey/protocol'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { openSqlite, type SqliteDatabase, type SqliteOptions } from './sqlite.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
})

/** A database with a counter table, and a second connection to look at it from outside. */
function open(options: SqliteOptions = {}) {
  const file = files.next()
  mkdirSync(dirname(file), { recursive: true })
  const db = openSqlite(file, options)
  const outside = new DatabaseSync(file, { timeout: 0 })
  outside.exec('create table notes (id integer primary key, text text)')
  opened.push({ close: () => outside.isOpen && outside.close() }, db)
  const insert = db.prepare('insert into notes (id, text) values (?, ?)')
  const put = (id: number, text = '') => db.write(() => insert.run(id, text).changes)
  const all = outside.prepare('select id from notes order by id')
  return { file, db, outside, put, seenOutside: () => all.all().map((row) => row.id) }
}

function idsOf(db: SqliteDatabase): Promise<readonly number[]> {
  return db.read(() =>
    db
      .prepare<{ id: number }>('select id from notes order by id')
      .all()
      .map((row) => row.id),
  )
}

describe('a turn’s writes', () => {
  test('are acknowledged only after their commit, when every other connection sees them', async () => {
    const { db, put, seenOutside } = open()
    const seen: unknown[] = []
    const writes = [1, 2, 3].map((id) => put(id).then(() => seen.push(seenOutside())))
    expect(await idsOf(db)).toEqual([])
    expect(seenOutside()).toEqual([])
    await Promise.all(writes)
    expect(seen).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
  })
  test('share one commit: a hundred of them write no more pages than a few do', async () => {
    const { file, put } = open()
    await put(0)
    const before = statSync(`${file}-wal`).size
    await Promise.all(Array.from({ length: 100 }, (_, index) => put(index + 1)))
    const pageWithHeader = 4096 + 24
    expect((statSync(`${file}-wal`).size - before) / pageWithHeader).toBeLessThan(5)
  })
  test('fail alone: the one that throws is undone whole, those before and after it stand', async () => {
    const { db, put } = open()
    const insert = db.prepare('insert into notes (id, text) values (?, ?)')
    const half = db.write(() => {
      insert.run(50, 'half')
      throw new Error('changed my mind')
    })
    const answers = await Promise.allSettled([put(1), half, put(1), put(2)])
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    expect((answers[1] as PromiseRejectedResult).reason.message).toBe('changed my mind')
    expect((answers[2] as PromiseRejectedResult).reason.message).toContain('UNIQUE constraint failed')
    expect(await idsOf(db)).toEqual([1, 2])
  })
  test('see what those before them in the same turn wrote', async () => {
    const { db, put } = open()
    const count = db.prepare<{ n: number }>('select count(*) as n from notes')
    const [, counted] = await Promise.all([put(1), db.write(() => count.get()?.n)])
    expect(counted).toBe(1)
  })
})

describe('a file that another process holds', () => {
  test('is waited for, turn after turn, while reads go on', async () => {
    const { db, outside, put, seenOutside } = open()
    outside.exec('begin immediate')
    const write = put(1)
    for (let turn = 0; turn < 3; turn++) {
      await new Promise(setImmediate)
      expect(await idsOf(db)).toEqual([])
    }
    outside.exec('rollback')
    await write
    expect(seenOutside()).toEqual([1])
  })
  test('refuses its writes in the end with an error that may be retried, and takes later ones', async () => {
    const { file, outside, put } = open({ lockWaitSeconds: 0.1 })
    outside.exec('begin immediate')
    const error = await put(1).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(OAuthError)
    expect(error).toMatchObject({ code: 'temporarily_unavailable', status: 503, retryAfterSeconds: 1 })
    expect((error as OAuthError).detail).toContain(`database ${file}: another process held the write lock`)
    expect((error as OAuthError).description).not.toContain(file)
    outside.exec('rollback')
    expect(await put(1)).toBe(1)
  })
})

describe('a full disk', () => {
  test('refuses every write of the turn with an error that may be retried, keeps nothing of them, and recovers', async () => {
    const { db, put, seenOutside } = open()
    await put(1)
    const pages = db.prepare<{ page_count: number }>('pragma page_count').get()?.page_count ?? 0
    db.prepare(`pragma max_page_count = ${pages}`).get()
    const answers = await Promise.allSettled([put(2), put(3, 'x'.repeat(200_000)), put(4)])
    for (const answer of answers.filter((one) => one.status === 'rejected')) {
      expect(answer.reason).toMatchObject({ code: 'temporarily_unavailable', retryAfterSeconds: 30 })
      expect(answer.reason.detail).toContain('the disk is full')
    }
    expect(answers[1]?.status).toBe('rejected')
    const kept = [2, 3, 4].filter((_, index) => answers[index]?.status === 'fulfilled')
    expect(seenOutside()).toEqual([1, ...kept])
    db.prepare('pragma max_page_count = 1000000').get()
    expect(await put(3, 'x'.repeat(200_000))).toBe(1)
  })
})

describe('closing', () => {
  test('commits what waits and refuses what comes later', async () => {
    const { db, put, seenOutside } = open()
    const last = put(1)
    await db.close()
    await last
    expect(seenOutside()).toEqual([1])
    await expect(put(2)).rejects.toThrow('the database is closed')
    await db.close()
  })
  test('waits for the last store of the file', async () => {
    const { db, put } = open()
    const [first, second] = [db.hold(), db.hold()]
    await first()
    await first()
    expect(await put(1)).toBe(1)
    await second()
    expect(db.isOpen).toBe(false)
  })
})
