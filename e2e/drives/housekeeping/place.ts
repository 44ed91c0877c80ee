import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '@latchkey/provider'
import { createPostgresStore, createSqliteStore, openPostgres, openSqlite } from '@latchkey/store-sql'
import { once, startCluster } from '../../../packages/store-sql/src/trials/postgres-cluster.ts'
import { groundsOf, hashOf } from '../../../packages/store-sql/src/trials/records.ts'
import { temporaryFolder } from '../../processes/provider.ts'

/** Where rows expire, and what the drive asks of it beside the store's verbs. */
export interface Place {
  readonly name: string
  readonly store: Store
  /** Adds rows that have expired: tokens in the order of their keys, replays under keys that are scattered. */
  fill(rows: number): Promise<void>
  /** Rows that have expired and are still there. */
  left(): Promise<number>
  megabytes(): Promise<number>
  close(): Promise<void>
}

/** What part of the rows stands in which table. */
const shares = { access_tokens: 0.4, refresh_tokens: 0.2, replays: 0.4 } as const
const tables = Object.keys(shares) as (keyof typeof shares)[]
const spread = 3000

function dataAt(now: number): string {
  return JSON.stringify({ grounds: groundsOf(1), createdAt: now - 7200 })
}

export async function sqlitePlace(now: number): Promise<Place> {
  const folder = temporaryFolder()
  const file = join(folder.path, 'latchkey.db')
  const db = openSqlite(file)
  const store = createSqliteStore(db)
  const data = dataAt(now)
  const sql = {
    access_tokens: `insert into access_tokens values (?, 'family', null, ?, '${data}')`,
    refresh_tokens: `insert into refresh_tokens values (?, 'family', 1, 'next', 'sealed', ?, ${now - 60}, '${data}')`,
    replays: 'insert into replays values (?, ?)',
  }
  let from = 0
  return {
    name: 'SQLite',
    store,
    async fill(rows) {
      for (const table of tables) {
        const insert = db.prepare(sql[table])
        const total = Math.floor(rows * shares[table])
        for (let start = 0; start < total; start += 50_000) {
          await db.write(() => {
            for (let row = start; row < Math.min(start + 50_000, total); row++) {
              const key = table === 'replays' ? scattered(from + row) : hashOf('expired', from + row)
              insert.run(key, now - 3600 + Math.floor((row / total) * spread))
            }
          })
        }
      }
      from += rows
    },
    async left() {
      const count = (table: string) =>
        db.prepare<{ rows: number }>(`select count(*) as rows from ${table} where expires_at <= ${now}`).get()?.rows ??
        0
      return tables.reduce((sum, table) => sum + count(table), 0)
    },
    async megabytes() {
      db.prepare('pragma wal_checkpoint(truncate)').get()
      return statSync(file).size / 2 ** 20
    },
    async close() {
      await store.close()
      folder.remove()
    },
  }
}

function scattered(row: number): string {
  return createHash('sha256').update(String(row)).digest('base64url')
}

/** A server that syncs its log, as one in use does. */
export async function postgresPlace(now: number): Promise<Place> {
  const cluster = await startCluster('fsync=on', 'max_wal_size=1GB', 'autovacuum_naptime=5s')
  const url = await cluster.schema()
  const db = openPostgres(url, { statementSeconds: 600 })
  const store = createPostgresStore(db)
  await db.ready()
  const data = dataAt(now)
  const key = "lpad(to_hex($2::bigint + n), 11, '0') || rpad('expired', 43, '_')"
  const columns = {
    access_tokens: `${key}, 'family', null, {end}, '${data}'`,
    refresh_tokens: `${key}, 'family', 1, 'next', 'sealed', {end}, ${now - 60}, '${data}'`,
    replays: "encode(sha256(($2::bigint + n)::text::bytea), 'base64'), {end}",
  }
  let from = 0
  return {
    name: 'PostgreSQL',
    store,
    async fill(rows) {
      for (const table of tables) {
        const values = columns[table].replace('{end}', `${now - 3600} + n * ${spread} / $1::bigint`)
        const total = Math.floor(rows * shares[table])
        await db.write(`insert into ${table} select ${values} from generate_series(1, $1::bigint) n`, [total, from])
      }
      from += rows
    },
    async left() {
      const counts = tables.map((table) => `(select count(*) from ${table} where expires_at <= ${now})`)
      const [row] = await db.read<{ rows: number }>(`select ${counts.join(' + ')} as rows`)
      return Number(row?.rows)
    },
    async megabytes() {
      const sizes = tables.map((table) => `pg_total_relation_size('${table}')`)
      const [row] = await once(url, `select (${sizes.join(' + ')}) / 1048576 as size`)
      return Number(row?.size)
    },
    async close() {
      await store.close()
      await cluster.stop()
    },
  }
}
