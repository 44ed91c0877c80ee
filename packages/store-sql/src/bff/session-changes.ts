import type { Runtime } from '@latchkey/protocol'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import { sqliteCode } from '../storage-error.ts'

const pollSeconds = 1
/** How long a change is kept for other processes to read. */
const changeMemorySeconds = 300

/** Who hears of changed sessions: listeners of this process at once, those of other processes of the file within a second. */
export interface SessionChanges {
  /** Writes the change down for other processes, inside the caller's transaction. */
  note(hash: string, now: number): void
  /** Tells this process's listeners, after the commit. */
  tell(hashes: readonly string[]): void
  subscribe(listener: (hash: string | null) => void): () => void
}

export function createSessionChanges(db: SqliteDatabase, runtime: Runtime): SessionChanges {
  const listeners = new Set<{ readonly call: (hash: string | null) => void }>()
  const origin = Buffer.from(runtime.randomBytes(9)).toString('base64url')
  const insert = db.prepare('insert into bff_changes (hash, origin, at) values (?, ?, ?)')
  const forget = db.prepare(
    'delete from bff_changes where seq in (select seq from bff_changes order by seq limit 4) and at < ?',
  )
  const poll = watchOtherProcesses(db, origin)

  /** A listener's throw is its own, never that of the verb that was acknowledged. */
  function tell(hashes: readonly string[]): void {
    for (const hash of hashes) for (const entry of listeners) queueMicrotask(() => entry.call(hash))
  }
  let isWaiting = false
  function wait(): void {
    isWaiting = true
    runtime.schedule(pollSeconds, () => {
      isWaiting = false
      if (listeners.size === 0 || !db.isOpen) return
      wait()
      tell(poll.next())
    })
  }
  return {
    note(hash, now) {
      insert.run(hash, origin, now)
      forget.run(now - changeMemorySeconds)
    },
    tell,
    subscribe(listener) {
      if (listeners.size === 0) poll.skip()
      if (!isWaiting) wait()
      const entry = { call: listener }
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
  }
}

function watchOtherProcesses(db: SqliteDatabase, origin: string) {
  const dataVersion = db.prepare<{ readonly data_version: number }>('pragma data_version')
  const last = db.prepare<{ readonly seq: number | null }>('select max(seq) as seq from bff_changes')
  const after = db.prepare<Pick<Schema['bff_changes'], 'seq' | 'hash' | 'origin'>>(
    'select seq, hash, origin from bff_changes where seq > ? order by seq',
  )
  let version: number | undefined
  let seen = 0
  function changesOfOthers(): readonly string[] {
    const current = dataVersion.get()?.data_version
    if (current === version) return []
    const changes = after.all(seen)
    version = current
    seen = changes.at(-1)?.seq ?? seen
    return changes.filter((change) => change.origin !== origin).map((change) => change.hash)
  }
  return {
    skip(): void {
      version = dataVersion.get()?.data_version
      seen = last.get()?.seq ?? 0
    },
    /** Nothing while the file cannot be read: what was missed comes with the next look. */
    next(): readonly string[] {
      try {
        return changesOfOthers()
      } catch (error) {
        if (sqliteCode(error) === null) throw error
        return []
      }
    },
  }
}
