import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { createGroupCommit } from './group-commit.ts'
import { createGroupRead } from './group-read.ts'
import { migrate } from './migrate.ts'
import { busy, sqliteCode, storageError } from './storage-error.ts'

/** A statement that is kept; `Row` is what a select answers with. */
export interface Statement<Row> {
  get(...values: readonly SQLInputValue[]): Row | undefined
  all(...values: readonly SQLInputValue[]): Row[]
  run(...values: readonly SQLInputValue[]): {
    readonly changes: number | bigint
    readonly lastInsertRowid: number | bigint
  }
}

/** One SQLite file with one connection, which every store of it shares. */
export interface SqliteDatabase {
  readonly file: string
  readonly isOpen: boolean
  prepare<Row = never>(sql: string): Statement<Row>
  /** The same with each row as a list of its columns, which takes a third less: for what every request reads. */
  prepareList<Row extends readonly unknown[]>(sql: string): Statement<Row>
  /**
   * Answers at the end of this turn of the event loop, from what is committed by then; `query` is synchronous.
   * @throws OAuthError `temporarily_unavailable` when the file cannot be read for now
   */
  read<T>(query: () => T): Promise<T>
  /**
   * Runs `work` in the transaction of this turn of the event loop; resolves after it is on disk. `work` is synchronous,
   * touches nothing but the database and may run twice; when it throws, its own writes alone are undone.
   * @throws OAuthError `temporarily_unavailable` when the file cannot be written for now
   */
  write<T>(work: () => T): Promise<T>
  /**
   * Begins `act`, and runs `more` behind the first thing that it writes before it waits for anything: in the same
   * transaction, with what that came to. Both are on disk, or neither. False when `act` wrote nothing at once.
   */
  along<T>(
    act: () => Promise<T>,
    more: (written: unknown) => void,
  ): { readonly done: Promise<T>; readonly rode: boolean }
  /**
   * Copies what is committed into a new file (mode 0600) while everything goes on. A copy that was begun and not finished
   * is taken away. @throws Error when the file exists or cannot be written
   */
  backup(to: string): Promise<void>
  /** Holds the file open for one store; the last one that lets go closes it. */
  hold(): () => Promise<void>
  /** Commits what waits and closes the file. */
  close(): Promise<void>
}

export interface SqliteOptions {
  /** How long a write waits for another process's transaction before it is refused; 5 unless told. */
  readonly lockWaitSeconds?: number
}

/** How long one call may stand still for another process's commit; a busy file is asked again in later turns. */
const busyMilliseconds = 50
/** A larger file is left to the operator: the check reads all of it, about 0.2 s for so much. */
const largestCheckedBytes = 128 * 1024 * 1024

/**
 * Opens the database, makes it (mode 0600) with its folder (0700) when it is missing, and brings its schema up to date.
 * `:memory:` is a database of this process alone.
 * @throws Error that says what is wrong with the file: no rights, not SQLite, damaged, another program's, a newer schema
 */
export function openSqlite(file: string, { lockWaitSeconds = 5 }: SqliteOptions = {}): SqliteDatabase {
  let database: DatabaseSync | undefined
  try {
    if (file !== ':memory:') makeFile(file)
    database = new DatabaseSync(file, { timeout: 5000 })
    prepareConnection(database)
    checkIntegrity(database, file)
    migrate(database)
    database.exec(`pragma busy_timeout = ${busyMilliseconds}`)
  } catch (error) {
    database?.close()
    throw explainOpening(file, error)
  }
  return share(file, database, Math.ceil((lockWaitSeconds * 1000) / busyMilliseconds))
}

function share(file: string, database: DatabaseSync, lockAttempts: number): SqliteDatabase {
  const explain = (error: unknown): unknown => storageError(file, error)
  const commits = createGroupCommit(database, { explain, lockAttempts })
  const riders = createRiders(commits.write)
  const reads = createGroupRead(database, explain)
  let holders = 0
  async function close(): Promise<void> {
    if (!database.isOpen) return
    commits.close()
    reads.close()
    database.close()
  }
  return {
    file,
    get isOpen() {
      return database.isOpen
    },
    prepare: <Row>(sql: string) => database.prepare(sql) as unknown as Statement<Row>,
    prepareList<Row extends readonly unknown[]>(sql: string) {
      const statement = database.prepare(sql)
      statement.setReturnArrays(true)
      return statement as unknown as Statement<Row>
    },
    read: reads.read,
    write: riders.write,
    along: riders.along,
    backup: (to) => copyTo(database, to),
    hold() {
      holders++
      let isHeld = true
      return async () => {
        if (!isHeld) return
        isHeld = false
        holders--
        if (holders === 0) await close()
      }
    },
    close,
  }
}

/** Lets something ride in the transaction of a write that another part of the program begins. */
function createRiders(write: SqliteDatabase['write']): Pick<SqliteDatabase, 'write' | 'along'> {
  let rider: ((written: unknown) => void) | null = null
  return {
    write(work) {
      if (rider === null) return write(work)
      const more = rider
      rider = null
      return write(() => {
        const written = work()
        more(written)
        return written
      })
    },
    along(act, more) {
      rider = more
      try {
        const done = act()
        return { done, rode: rider === null }
      } finally {
        rider = null
      }
    },
  }
}

/** SQLite gives the write-ahead log beside the file the file's own mode. */
function makeFile(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
}

/** All pages in one step: a copy that is made in parts begins anew with each commit in between. */
const allPages = 0x7fffffff

async function copyTo(database: DatabaseSync, to: string): Promise<void> {
  closeSync(openSync(to, 'wx', 0o600))
  try {
    await backup(database, to, { rate: allPages })
    const copy = openSync(to, 'r+')
    fsyncSync(copy)
    closeSync(copy)
  } catch (error) {
    rmSync(to, { force: true })
    throw error
  }
}

/**
 * Two processes that turn a new file to the write-ahead log at once lock each other out, and SQLite's busy timeout does
 * not cover that step: the later one waits a moment and finds it done.
 */
function useWriteAheadLog(database: DatabaseSync): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (let attempt = 1; ; attempt++) {
    try {
      database.exec('pragma journal_mode = wal')
      return
    } catch (error) {
      if (sqliteCode(error) !== busy || attempt === 250) throw error
      Atomics.wait(pause, 0, 0, 20)
    }
  }
}

function prepareConnection(database: DatabaseSync): void {
  // Only a file without tables takes it; free pages can be given back then without rewriting the file.
  database.exec('pragma auto_vacuum = incremental')
  useWriteAheadLog(database)
  database.exec('pragma synchronous = full')
  database.exec('pragma foreign_keys = on')
  database.exec('pragma trusted_schema = off')
  database.exec('pragma temp_store = memory')
  database.exec('pragma cache_size = -16384')
  database.exec('pragma journal_size_limit = 67108864')
}

function checkIntegrity(database: DatabaseSync, file: string): void {
  if (file === ':memory:' || statSync(file).size > largestCheckedBytes) return
  const answer = database.prepare('pragma quick_check(1)').get()?.quick_check
  if (answer !== 'ok') throw new Error(`it is damaged: ${String(answer)}; put back a copy that was made before`)
}

function explainOpening(file: string, error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error)
  const explained = new Error(`The database ${file} cannot be used: ${reason}.`, { cause: error })
  const code = sqliteCode(error)
  return code === null ? explained : Object.assign(explained, { errcode: code })
}
