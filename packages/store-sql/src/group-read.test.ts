import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { openSqlite } from './sqlite.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
})

/** A database with one number, and another process's connection to it. */
function open() {
  const file = files.next()
  const db = openSqlite(file)
  const outside = new DatabaseSync(file, { timeout: 0 })
  outside.exec('create table numbers (number integer)')
  outside.exec('insert into numbers values (1)')
  opened.push({ close: () => outside.isOpen && outside.close() }, db)
  const select = db.prepare<{ readonly number: number }>('select number from numbers')
  return { db, outside, ask: () => db.read(() => select.get()?.number) }
}

describe('a turn’s reads', () => {
  test('see what another process committed before they were asked, and until the turn ends', async () => {
    const { outside, ask } = open()
    outside.exec('update numbers set number = 2')
    const asked = [ask(), ask()]
    outside.exec('update numbers set number = 3')
    asked.push(ask())
    expect(await Promise.all(asked)).toEqual([3, 3, 3])
    expect(await ask()).toBe(3)
  })
  test('hold no snapshot afterwards: another process empties the log', async () => {
    const { outside, ask } = open()
    await Promise.all([ask(), ask(), ask()])
    expect(outside.prepare('pragma wal_checkpoint(truncate)').get()).toEqual({ busy: 0, log: 0, checkpointed: 0 })
  })
  test('fail alone', async () => {
    const { db, ask } = open()
    const broken = db.read(() => {
      throw new Error('this one')
    })
    const [one, two, three] = await Promise.allSettled([ask(), broken, ask()])
    expect([one, three]).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'fulfilled', value: 1 },
    ])
    expect(two).toMatchObject({ status: 'rejected', reason: { message: 'this one' } })
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1])
  })
  test('come before a write that was asked for with them, and after one that was acknowledged', async () => {
    const { db, ask } = open()
    const double = db.prepare('update numbers set number = number * 2')
    const written = db.write(() => double.run())
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1])
    await written
    expect(await Promise.all([ask(), ask()])).toEqual([2, 2])
  })
  test('are answered when the file is closed in the same turn, and refused afterwards', async () => {
    const { db, ask } = open()
    const asked = [ask(), ask()]
    await db.close()
    expect(await Promise.all(asked)).toEqual([1, 1])
    await expect(ask()).rejects.toThrow()
    await expect(Promise.all([ask(), ask()])).rejects.toThrow()
  })
})
