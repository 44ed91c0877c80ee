import type { Runtime } from '@latchkey/protocol'
import type { Revocation, RevocationLog } from '@latchkey/provider'
import { createFileWatch } from '../file-watch.ts'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import { statusSteps } from './status-lists.ts'

type Row = Schema['revocations']

/** How verbs that take something back write that down, inside their own transaction. */
export interface RevocationSteps {
  append(entry: Omit<Revocation, 'sequence'>): void
  /** Tells this process's listeners once `written`, a verb that may have appended, is on disk. */
  told<T>(written: Promise<T>): Promise<T>
}

export interface SqliteRevocations {
  readonly log: RevocationLog
  readonly steps: RevocationSteps
}

export function sqliteRevocations(db: SqliteDatabase, runtime: Runtime): SqliteRevocations {
  const insert = db.prepare('insert into revocations (kind, id, at, expires_at) values (?, ?, ?, ?)')
  const { mark } = statusSteps(db)
  const listeners = new Set<{ readonly call: () => void }>()
  let isUntold = false
  function tell(): void {
    for (const entry of listeners) queueMicrotask(() => entry.call())
  }
  const steps: RevocationSteps = {
    append({ kind, id, at, expiresAt }) {
      insert.run(kind, id, at, expiresAt)
      mark({ kind, id })
      isUntold = true
    },
    async told(written) {
      const result = await written
      if (isUntold) tell()
      isUntold = false
      return result
    },
  }
  const latest = db.prepare<{ readonly sequence: number | null }>('select max(sequence) as sequence from revocations')
  const watch = createFileWatch(db, {
    runtime,
    isWanted: () => listeners.size > 0,
    mark: () => latest.get()?.sequence ?? 0,
    onChange: tell,
  })
  return {
    steps,
    log: {
      ...reading(db),
      append: (entry) => steps.told(db.write(() => steps.append(entry))),
      subscribe(listener) {
        watch.start()
        const entry = { call: listener }
        listeners.add(entry)
        return () => void listeners.delete(entry)
      },
    },
  }
}

/** Numbers are given under the write lock, so they become visible in their order. */
function reading(db: SqliteDatabase): Pick<RevocationLog, 'after' | 'snapshot'> {
  const after = db.prepare<Row>('select * from revocations where sequence > ? order by sequence limit ?')
  const mattering = db.prepare<Row>(
    'select * from revocations where sequence > ? and expires_at > ? order by sequence limit ?',
  )
  const latest = db.prepare<{ readonly sequence: number | null }>('select max(sequence) as sequence from revocations')
  return {
    after: (sequence, limit) => db.read(() => after.all(sequence, limit).map(revocationOf)),
    snapshot: ({ now, after: from, limit }) =>
      db.read(() => {
        const upToNow = latest.get()?.sequence ?? 0
        const entries = mattering.all(from, now, limit).map(revocationOf)
        const last = entries.length === limit ? entries.at(-1)?.sequence : undefined
        return { entries, upTo: last ?? Math.max(from, upToNow) }
      }),
  }
}

export function revocationOf(row: Row): Revocation {
  return {
    sequence: row.sequence,
    kind: row.kind as Revocation['kind'],
    id: row.id,
    at: row.at,
    expiresAt: row.expires_at,
  }
}
