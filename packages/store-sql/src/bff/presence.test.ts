import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sessionStoreRecords } from '@latchkey/bff/session-store-contract'
import { afterAll, afterEach, expect, test } from 'vitest'
import { createSqliteSessionStore, openSqlite } from '../index.ts'
import { temporaryFiles } from '../trials/temporary-files.ts'

const files = temporaryFiles()
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})
afterAll(files.remove)
const { now, sessionRecord } = sessionStoreRecords
const program = fileURLToPath(new URL('../trials/claimer.ts', import.meta.url))

/** A session whose right to renew another process holds. */
async function claimedElsewhere() {
  const file = files.next()
  const store = createSqliteSessionStore(openSqlite(file))
  const record = sessionRecord()
  await store.create(record, null)
  const args = ['--conditions=source', '--no-warnings', program, file, record.hash, String(now)]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const [said] = await once(child.stdout, 'data')
  expect(String(said)).toBe('claimed\n')
  const claim = await store.claimRefresh(record.hash, 1, { now, leaseSeconds: 10 })
  if (claim.outcome !== 'busy') throw new Error(`expected busy, got ${claim.outcome}`)
  const places = () => readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}-alive-`))
  return { store, child, claim, places }
}

test('features 45: a process that stands still is never taken for gone, one that was killed is at once', async () => {
  const { store, child, claim, places } = await claimedElsewhere()
  expect(await store.isGone(claim.holder)).toBe(false)
  child.kill('SIGSTOP')
  expect(await store.isGone(claim.holder)).toBe(false)
  expect(places()).toHaveLength(2)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  expect(await store.isGone(claim.holder)).toBe(true)
  expect(await store.isGone(claim.holder)).toBe(true)
  expect(places()).toHaveLength(1)
  await store.close()
  expect(places()).toEqual([])
})

test('the places of processes that were killed long ago are taken away, those of living and of new ones are not', async () => {
  const { store, child, claim, places } = await claimedElsewhere()
  const file = files.next()
  const other = createSqliteSessionStore(openSqlite(file))
  const record = sessionRecord()
  await other.create(record, null)
  const made = (name: string, at: number) => {
    writeFileSync(`${file}-alive-${name}`, '')
    utimesSync(`${file}-alive-${name}`, at, at)
  }
  made('AAAAAAAAAAAA', 1_000_000)
  made('BBBBBBBBBBBB', Date.now() / 1000)
  made('no name', 1_000_000)
  await other.claimRefresh(record.hash, 1, { now, leaseSeconds: 10 })
  const names = readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}-alive-`))
  expect(names.some((name) => name.endsWith('AAAAAAAAAAAA'))).toBe(false)
  expect(names.filter((name) => /B{12}$|no name$/.test(name))).toHaveLength(2)
  expect([places().length, await store.isGone(claim.holder), child.exitCode]).toEqual([2, false, null])
  await other.close()
  await store.close()
})

test('what is no name of a process is not told to be gone, and a database in memory knows of no other process', async () => {
  const store = createSqliteSessionStore(openSqlite(files.next()))
  expect(await store.isGone('../../etc/passwd')).toBe(false)
  await store.close()
  const memory = createSqliteSessionStore(openSqlite(':memory:'))
  expect(await memory.isGone('AAAAAAAAAAAA')).toBe(false)
  await memory.close()
})
