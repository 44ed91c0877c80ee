import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { storeRecords } from '@latchkey/provider/store-contract'
import { afterAll, describe, expect, test } from 'vitest'
import { createSqliteAccountStore, createSqliteSessionStore, createSqliteStore, openSqlite } from './index.ts'
import { migrate } from './migrate.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

describe('opening a database', () => {
  test('makes the file and its folder for their owner alone', async () => {
    const file = join(dirname(files.next()), 'deep', 'er', 'latchkey.db')
    const db = openSqlite(file)
    await db.write(() => 1)
    expect(modeOf(file)).toBe('600')
    expect(modeOf(`${file}-wal`)).toBe('600')
    expect(modeOf(dirname(file))).toBe('700')
    await db.close()
  })
  test('commits to disk before it answers: write-ahead log, synchronous FULL', async () => {
    const db = openSqlite(files.next())
    expect(db.prepare<object>('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(db.prepare<object>('pragma synchronous').get()).toEqual({ synchronous: 2 })
    await db.close()
  })
  test('finds everything again the next time', async () => {
    const file = files.next()
    const before = createSqliteStore(openSqlite(file))
    const { accessToken } = await storeRecords.signIn(before)
    await before.close()
    const after = createSqliteStore(openSqlite(file))
    expect(await after.accessTokens.find(accessToken.hash, storeRecords.now)).toEqual(accessToken)
    await after.close()
  })
  test('one file serves provider, accounts and BFF, and closes with the last of them', async () => {
    const db = openSqlite(files.next())
    const stores = [createSqliteStore(db), createSqliteAccountStore(db), createSqliteSessionStore(db)] as const
    await stores[1].close()
    await stores[2].close()
    expect(await stores[0].keys.list()).toEqual([])
    await stores[0].close()
    expect(db.isOpen).toBe(false)
  })
  test('a database in memory needs no file', async () => {
    const store = createSqliteStore(openSqlite(':memory:'))
    const { accessToken } = await storeRecords.signIn(store)
    expect(await store.accessTokens.find(accessToken.hash, storeRecords.now)).toEqual(accessToken)
    await store.close()
  })
})

describe('a file that cannot be used is refused with its reason', () => {
  function fileWith(content: string | Buffer): string {
    const file = files.next()
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    return file
  }
  test('no SQLite file', () => {
    const file = fileWith('this is a text, not a database, and long enough to have a header'.repeat(20))
    expect(() => openSqlite(file)).toThrow(`The database ${file} cannot be used: file is not a database.`)
    expect(readFileSync(file, 'utf8')).toContain('this is a text')
  })
  test('a damaged one', async () => {
    const file = files.next()
    const store = createSqliteStore(openSqlite(file))
    for (let index = 0; index < 60; index++) await storeRecords.signIn(store)
    await store.close()
    const bytes = readFileSync(file)
    for (let page = 8; page * 4096 < bytes.length; page++) bytes.fill(0xa5, page * 4096, page * 4096 + 64)
    writeFileSync(file, bytes)
    expect(() => openSqlite(file)).toThrow(/it is damaged: .*put back a copy|malformed/)
  })
  test('another program’s, which stays as it is', () => {
    const file = files.next()
    mkdirSync(dirname(file), { recursive: true })
    const other = new DatabaseSync(file)
    other.exec('create table recipes (name text)')
    expect(() => openSqlite(file)).toThrow('it belongs to another program (it has a table "recipes")')
    expect(other.prepare('select name from sqlite_schema').all()).toEqual([{ name: 'recipes' }])
    other.close()
  })
  test('one of a newer version', async () => {
    const file = files.next()
    const db = openSqlite(file)
    db.prepare("insert into latchkey_migrations (name) values ('9999-from-the-future')").run()
    await db.close()
    expect(() => openSqlite(file)).toThrow(
      'made by a newer version of Latchkey (its schema has the step "9999-from-the-future")',
    )
  })
  test('a folder', () => {
    const folder = dirname(files.next())
    expect(() => openSqlite(folder)).toThrow(`The database ${folder} cannot be used: EISDIR`)
  })
})

describe('migrations', () => {
  test('a step that fails leaves the schema as it was', () => {
    const database = new DatabaseSync(':memory:')
    const steps = [
      {
        name: '0001-good',
        *up() {
          yield { compile: () => compiled('create table good (id integer)') }
        },
      },
      {
        name: '0002-bad',
        *up() {
          yield { compile: () => compiled('create table bad (id integer)') }
          yield { compile: () => compiled('create tabel typo') }
        },
      },
    ]
    expect(() => migrate(database, steps)).toThrow('syntax error')
    expect(database.prepare('select name from sqlite_schema').all()).toEqual([])
    migrate(database, steps.slice(0, 1))
    expect(() => migrate(database, steps)).toThrow('syntax error')
    expect(database.prepare('select name from latchkey_migrations').all()).toEqual([{ name: '0001-good' }])
    database.close()
  })
})

function compiled(sql: string) {
  return {
    sql,
    parameters: [],
    query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
    queryId: { queryId: '' },
  } as const
}

test('features 18: no handle stands anywhere in the file, not even in its log', async () => {
  const file = files.next()
  const store = createSqliteStore(openSqlite(file))
  const { now, grounds, freshHandle, ...records } = storeRecords
  const of = grounds()
  const handles = { code: freshHandle(), access: freshHandle(), refresh: freshHandle(), session: freshHandle() }
  const issued = records.issuedFor(of)
  const accessToken = { ...issued.accessToken, hash: handles.access.hash }
  const refreshToken = { ...issued.refreshToken, hash: handles.refresh.hash }
  await store.codes.create(records.codeRecord(of, { hash: handles.code.hash }))
  await store.codes.redeem(handles.code.hash, { ...issued, accessToken, refreshToken }, now)
  await store.sessions.create(records.sessionRecord({ hash: handles.session.hash }), null)
  const bytes = Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)])
  for (const { handle, hash } of Object.values(handles)) {
    expect(bytes.includes(hash)).toBe(true)
    expect(bytes.includes(handle.slice(11))).toBe(false)
  }
  await store.close()
})
