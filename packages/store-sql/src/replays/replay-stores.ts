import type { ReplayStore } from '@latchkey/provider'
import type { PostgresDatabase } from '../postgres/postgres.ts'
import { postgresReplays } from '../postgres/provider/keys-and-replays.ts'
import { createPostgresSweep } from '../postgres/sweep.ts'
import { sqliteReplays } from '../provider/keys-and-replays.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import { createSweep } from '../sweep.ts'

/** DPoP proofs that an API has seen. `close` lets go of the database; the last store of it closes it. @spec RFC 9449 §11.1 */
export interface ApiReplayStore extends ReplayStore {
  close(): Promise<void>
}

/** In an SQLite file: the processes of one machine. */
export function createSqliteReplayStore(db: SqliteDatabase): ApiReplayStore {
  const sweep = createSweep(db, [{ table: 'replays', key: 'key', condition: 'expires_at <= ?1' }])
  return { ...sweptNowAndThen(sqliteReplays(db), sweep), close: db.hold() }
}

/** In PostgreSQL: every node. */
export function createPostgresReplayStore(db: PostgresDatabase): ApiReplayStore {
  const sweep = createPostgresSweep(db, [{ table: 'replays', condition: 'expires_at <= $1' }])
  return { ...sweptNowAndThen(postgresReplays(db), sweep), close: db.hold() }
}

const everySeconds = 60
const atOnce = 20_000

/** No provider's sweeper works here: what has expired goes while proofs come. */
function sweptNowAndThen(replays: ReplayStore, sweep: (now: number, limit: number) => Promise<number>): ReplayStore {
  let nextAt = 0
  return {
    remember(key, expiresAt, now) {
      if (now >= nextAt) {
        nextAt = now + everySeconds
        // What could not go now goes with the next round.
        sweep(Math.floor(now), atOnce).catch(() => {})
      }
      return replays.remember(key, expiresAt, Math.floor(now))
    },
  }
}
