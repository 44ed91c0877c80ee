import type { DatabaseSync } from 'node:sqlite'
import { busy, sqliteCode } from './storage-error.ts'

export interface GroupCommitOptions {
  /** How often the write lock is asked for before the writes are refused; each time waits the connection's busy timeout. */
  readonly lockAttempts: number
  /** What a caller gets for an error. */
  readonly explain: (error: unknown) => unknown
}

/** A commit waits this many turns of the event loop at most, and only while each of them brings more to write. */
const mostTurns = 4

interface Job {
  /** Runs inside the transaction, perhaps twice: it touches nothing but the database. */
  readonly work: () => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}
type Result = { readonly value: unknown } | { readonly error: unknown }

/**
 * Writes that arrive in one turn of the event loop share one transaction and are acknowledged after its commit.
 * Everything between `begin` and `commit` is synchronous, so no read on this connection sees what may be rolled back.
 */
export interface GroupCommit {
  write<T>(work: () => T): Promise<T>
  /** Commits what waits; afterwards writes are refused. */
  close(): void
}

export function createGroupCommit(database: DatabaseSync, { lockAttempts, explain }: GroupCommitOptions): GroupCommit {
  const transaction = createTransaction(database)
  let waiting: Job[] = []
  let attempts = 0
  let isClosed = false

  /** Whoever has arrived at the socket meanwhile still comes along; where nobody does, nobody waits. */
  function gather(turns: number, before: number): void {
    if (turns === mostTurns || (turns > 0 && waiting.length === before)) flush()
    else setImmediate(gather, turns + 1, waiting.length)
  }
  function flush(): void {
    if (waiting.length === 0) return
    const jobs = waiting
    let results: readonly Result[]
    try {
      results = transaction.run(jobs)
    } catch (error) {
      attempts++
      if (sqliteCode(error) === busy && attempts < lockAttempts && !isClosed) return void setImmediate(flush)
      results = jobs.map(() => ({ error }))
    }
    attempts = 0
    waiting = []
    settle(jobs, results, explain)
  }
  return {
    write: (work) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error('the database is closed'))
        waiting.push({ work, resolve, reject })
        if (waiting.length === 1) setImmediate(gather, 0, 1)
      }),
    close() {
      isClosed = true
      flush()
    },
  }
}

function settle(jobs: readonly Job[], results: readonly Result[], explain: (error: unknown) => unknown): void {
  for (const [index, job] of jobs.entries()) {
    const result = results[index]
    if (result !== undefined && 'value' in result) job.resolve(result.value as never)
    else job.reject(explain(result?.error))
  }
}

/** One transaction for all jobs. A job that throws is undone alone: the rest are run again, each in its own savepoint. */
function createTransaction(database: DatabaseSync) {
  const begin = database.prepare('begin immediate')
  const commit = database.prepare('commit')
  const rollback = database.prepare('rollback')
  const isolated = createIsolation(database)

  function attempt(run: () => readonly Result[]): readonly Result[] {
    begin.run()
    try {
      const results = run()
      commit.run()
      return results
    } catch (error) {
      if (database.isTransaction) rollback.run()
      throw error
    }
  }
  return {
    run(jobs: readonly Job[]): readonly Result[] {
      const failed = new Set<unknown>()
      try {
        return attempt(() => jobs.map((job) => together(job, failed)))
      } catch (error) {
        if (!failed.has(error)) throw error
        if (jobs.length === 1) return [{ error }]
        return attempt(() => jobs.map(isolated))
      }
    },
  }
}

function createIsolation(database: DatabaseSync): (job: Job) => Result {
  const savepoint = database.prepare('savepoint job')
  const undo = database.prepare('rollback to job')
  const release = database.prepare('release job')
  return (job) => {
    savepoint.run()
    try {
      const value = job.work()
      release.run()
      return { value }
    } catch (error) {
      // A full disk or an I/O error may have ended the whole transaction: then nothing of it can be acknowledged.
      if (!database.isTransaction) throw error
      undo.run()
      release.run()
      return { error }
    }
  }
}

/** Runs a job and notes its own failure, to tell it from one of `begin` or `commit`. */
function together(job: Job, failed: Set<unknown>): Result {
  try {
    return { value: job.work() }
  } catch (error) {
    failed.add(error)
    throw error
  }
}
