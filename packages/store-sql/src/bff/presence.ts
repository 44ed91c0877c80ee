import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Runtime } from '@latchkey/protocol'
import { sqliteCode } from '../storage-error.ts'

/** Shows other processes of an SQLite file that this one lives, and tells of another whether it has ended. */
export interface Presence {
  /** This process's name; from the first call on its life can be seen. */
  name(): string
  /** True only when that process has surely ended: the operating system has let go of what it held. */
  isGone(name: string): boolean
  leave(): void
}

const forgottenMilliseconds = 3_600_000
const pattern = /^[A-Za-z0-9_-]{12}$/

/**
 * A process holds a lock on a file of its own beside the database. A stalled or stopped process keeps its lock; a
 * killed one loses it at once, whatever its identifier is used for afterwards.
 */
export function createPresence(file: string, runtime: Pick<Runtime, 'randomBytes'>): Presence {
  const mine = Buffer.from(runtime.randomBytes(9)).toString('base64url')
  const gone = new Set<string>()
  let lock: DatabaseSync | null = null
  const placeOf = (name: string) => join(dirname(file), `${basename(file)}-alive-${name}`)
  function hold(): DatabaseSync {
    const held = new DatabaseSync(placeOf(mine))
    held.exec('pragma journal_mode = memory; begin exclusive')
    forgetTheDead()
    return held
  }
  function isFree(name: string): boolean {
    // Its place is taken away only after its process has ended.
    if (!existsSync(placeOf(name))) return true
    const other = new DatabaseSync(placeOf(name), { readOnly: true, timeout: 0 })
    try {
      other.prepare('select count(*) from sqlite_schema').get()
      return true
    } finally {
      other.close()
    }
  }
  /** What cannot be found out counts as alive. */
  function hasLetGo(name: string): boolean {
    try {
      return isFree(name)
    } catch (error) {
      if (sqliteCode(error) === null) throw error
      return false
    }
  }
  /** Places of processes that were killed long ago; a new one may not be locked yet by the process that makes it. */
  function forgetTheDead(): void {
    const prefix = basename(placeOf(''))
    const young = statSync(placeOf(mine)).mtimeMs - forgottenMilliseconds
    for (const entry of readdirSync(dirname(file)).filter((one) => one.startsWith(prefix))) {
      const name = entry.slice(prefix.length)
      const stats = statSync(placeOf(name), { throwIfNoEntry: false })
      if (pattern.test(name) && stats !== undefined && stats.mtimeMs < young && hasLetGo(name)) {
        rmSync(placeOf(name), { force: true })
      }
    }
  }
  return {
    name() {
      if (file !== ':memory:') lock ??= hold()
      return mine
    },
    isGone(name) {
      if (file === ':memory:' || name === mine || !pattern.test(name)) return false
      if (gone.has(name)) return true
      if (!hasLetGo(name)) return false
      rmSync(placeOf(name), { force: true })
      gone.add(name)
      return true
    },
    leave() {
      lock?.close()
      lock = null
      if (file !== ':memory:') rmSync(placeOf(mine), { force: true })
    },
  }
}
