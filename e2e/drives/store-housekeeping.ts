/**
 * Five million expired rows in an SQLite file, swept by the provider's own sweeper while requests of the same process go on.
 * Prints the longest time that a read and a write took, without and with the sweep, and what became of the file.
 *
 *   npm run drive:store-housekeeping -- [rows] [seconds after which it stops sweeping]
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { Store } from '@latchkey/provider'
import { createSqliteStore, openSqlite, type SqliteDatabase } from '@latchkey/store-sql'
import { startSweeper } from '../../packages/provider/src/sweeper.ts'
import { groundsOf, hashOf } from '../../packages/store-sql/src/trials/records.ts'
import { temporaryFolder } from '../processes/provider.ts'

const [rows = 5_000_000, longest = 3600] = process.argv.slice(2).map(Number)
const now = Math.floor(systemRuntime.now())
const data = JSON.stringify({ grounds: groundsOf(1), createdAt: now - 7200 })

const tables = {
  access_tokens: { share: 0.4, sql: `insert into access_tokens values (?, 'family', null, ?, '${data}')` },
  refresh_tokens: {
    share: 0.2,
    sql: `insert into refresh_tokens values (?, 'family', 1, 'next', 'sealed', ?, ${now - 60}, '${data}')`,
  },
  replays: { share: 0.4, sql: 'insert into replays values (?, ?)' },
} as const

async function fill(db: SqliteDatabase, total: number, from: number): Promise<void> {
  for (const { share, sql } of Object.values(tables)) {
    const insert = db.prepare(sql)
    for (let start = 0; start < total * share; start += 50_000) {
      const end = Math.min(start + 50_000, total * share)
      await db.write(() => {
        for (let row = start; row < end; row++) insert.run(hashOf('expired', from + row), now - 3600 + (row % 3000))
      })
    }
  }
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
let serial = 0

/** Five writes and five reads at once, a few milliseconds apart, until `isOver`; their times in milliseconds. */
async function requests(store: Store, isOver: () => boolean) {
  const times: Record<'read' | 'write', number[]> = { read: [], write: [] }
  const timed = async (kind: 'read' | 'write', work: () => Promise<unknown>): Promise<void> => {
    const began = performance.now()
    await work()
    times[kind].push(performance.now() - began)
  }
  while (!isOver()) {
    const number = 2 ** 40 + serial++ * 5
    const hashes = Array.from({ length: 5 }, (_, index) => hashOf('living', number + index))
    const token = { grounds: groundsOf(1), createdAt: now, expiresAt: now + 86_400 }
    await Promise.all([
      ...hashes.map((hash) => timed('write', () => store.accessTokens.create({ hash, ...token }))),
      ...hashes.map((hash) => timed('read', () => store.accessTokens.find(hash, now))),
    ])
    await sleep(2)
  }
  return times
}

function say(name: string, times: Record<'read' | 'write', number[]>): void {
  for (const [kind, all] of Object.entries(times)) {
    const sorted = all.sort((a, b) => a - b)
    const at = (part: number) => (sorted[Math.ceil(sorted.length * part) - 1] ?? 0).toFixed(1)
    console.log(`${name}, ${kind}s: ${sorted.length}; median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`)
  }
}

const folder = temporaryFolder()
const file = join(folder.path, 'latchkey.db')
const db = openSqlite(file)
const store = createSqliteStore(db)
const megabytes = (path: string) => (statSync(path).size / 2 ** 20).toFixed(0)
const counts = Object.keys(tables).map((table) =>
  db.prepare<{ rows: number }>(`select count(*) as rows from ${table} where expires_at <= ${now}`),
)
const left = () => counts.reduce((sum, statement) => sum + (statement.get()?.rows ?? 0), 0)

await fill(db, rows, 0)
console.log(`${left()} expired rows, ${megabytes(file)} MB`)
const calmUntil = performance.now() + 5000
say('calm', await requests(store, () => performance.now() > calmUntil))

const began = performance.now()
let swept = 0
let isDone = false
/** Begins at once instead of after a minute; everything else is the server's own. */
const runtime = {
  ...systemRuntime,
  schedule: (s: number, f: () => void) => systemRuntime.schedule(s === 60 ? 0 : s, f),
}
const watched: Store = {
  ...store,
  async sweep(at, limit) {
    const went = await store.sweep(at, limit)
    swept += went
    if (went < limit) isDone = true
    return went
  },
}
const stop = startSweeper(watched, runtime, (error) => {
  throw error
})
const during = await requests(store, () => isDone || performance.now() - began > longest * 1000)
await stop()
const seconds = (performance.now() - began) / 1000
say('during the sweep', during)
console.log(`${swept} rows swept in ${seconds.toFixed(0)} s, ${left()} left; log ${megabytes(`${file}-wal`)} MB`)
const before = megabytes(file)
await fill(db, rows / 5, rows)
console.log(`file ${before} MB; with ${rows / 5} rows more ${megabytes(file)} MB`)
await store.close()
folder.remove()
process.exit(0)
