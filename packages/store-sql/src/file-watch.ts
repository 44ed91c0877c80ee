import type { Runtime } from '@latchkey/protocol'
import type { SqliteDatabase } from './sqlite.ts'
import { sqliteCode } from './storage-error.ts'

const pollSeconds = 1

/** Looks once a second, while somebody wants it, whether another process moved a mark in the file. */
export function createFileWatch(
  db: SqliteDatabase,
  options: {
    readonly runtime: Runtime
    readonly isWanted: () => boolean
    /** What is compared from look to look. */
    readonly mark: () => number
    readonly onChange: () => void
  },
): { start(): void } {
  const dataVersion = db.prepare<{ readonly data_version: number }>('pragma data_version')
  let version: number | undefined
  let mark = 0
  let isWaiting = false
  function moved(): boolean {
    const current = dataVersion.get()?.data_version
    if (current === version) return false
    const before = mark
    mark = options.mark()
    version = current
    return mark > before
  }
  /** Nothing while the file cannot be read: what was missed comes with the next look. */
  function look(): void {
    try {
      if (moved()) options.onChange()
    } catch (error) {
      if (sqliteCode(error) === null) throw error
    }
  }
  function wait(): void {
    isWaiting = true
    options.runtime.schedule(pollSeconds, () => {
      isWaiting = false
      if (!options.isWanted() || !db.isOpen) return
      wait()
      look()
    })
  }
  return {
    start() {
      if (options.isWanted()) return
      version = dataVersion.get()?.data_version
      mark = options.mark()
      if (!isWaiting) wait()
    },
  }
}
