import { OAuthError, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { PlannedStep } from '../migrate.ts'
import { createConnections, Unsent } from './connections.ts'
import { migratePostgres, pendingSteps } from './migrate.ts'
import { createNotifications, type Notifications } from './notifications.ts'
import { faultOf, placeOf, Thrown, unavailableError } from './postgres-error.ts'
import { createRiders, type Riders } from './riders.ts'

export type Value = string | number | boolean | null | readonly string[]

/** One PostgreSQL database with one pool of connections, which every store of it shares. */
export interface PostgresDatabase {
  /** Where it is, without a password. */
  readonly place: string
  readonly runtime: Runtime
  readonly notifications: Notifications
  /** Resolves when the schema is up to date. @throws Error that says what is wrong with the database */
  ready(): Promise<void>
  /** The steps that `ready` would take; changes nothing. */
  plan(): Promise<readonly PlannedStep[]>
  /** Runs a statement that writes nothing; tried again when the connection broke. @throws OAuthError `temporarily_unavailable` */
  read<Row>(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /**
   * Runs one statement, which is a transaction of its own; resolves with its rows after it is durable. Tried again when
   * PostgreSQL undid it or when no connection could be made; never when it may have taken effect.
   * @throws OAuthError `temporarily_unavailable`
   */
  write<Row = never>(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  /** `write` of a verb that may be told of: what `along` brings is written in the same transaction. */
  act<Row, T>(sql: string, values: readonly Value[], resultOf: (rows: readonly Row[]) => T): Promise<T>
  readonly along: Riders['along']
  /** `write`, for how many rows it changed. */
  count(sql: string, values?: readonly Value[]): Promise<number>
  /** Holds the pool open for one store; the last one that lets go closes it. */
  hold(): () => Promise<void>
  close(): Promise<void>
}

export interface PostgresOptions {
  /** Connections of this process at most; 10 unless told. */
  readonly maxConnections?: number
  /** How long one statement may take; 10 unless told. */
  readonly statementSeconds?: number
  /** How long to wait for a connection; 5 unless told. */
  readonly connectSeconds?: number
  /** How long a statement is tried again while the database is away; 5 unless told. */
  readonly retrySeconds?: number
  /**
   * Behind a pooler in transaction mode: no prepared statements and no LISTEN, other nodes' news by looking each second.
   * Left out, PgBouncer is recognised by what it refuses.
   */
  readonly pooled?: boolean
  /** A store is copied into it: then one that was begun is no reason to refuse. */
  readonly isCopyTarget?: boolean
  readonly runtime?: Runtime
}

/**
 * A pool on PostgreSQL 15 or newer. Nothing is connected before the first statement; `ready` brings the schema up to date
 * and is waited for by every statement.
 */
export function openPostgres(connectionString: string, options: PostgresOptions = {}): PostgresDatabase {
  const { runtime = systemRuntime, retrySeconds = 5, isCopyTarget = false } = options
  const place = placeOf(connectionString)
  const connections = createConnections(connectionString, { ...options, runtime })
  const retry = createRetry(runtime, { place, retrySeconds })
  const notifications = createNotifications(connectionString, {
    runtime,
    isOff: () => connections.arePooled,
    reached: ready,
    send: (sql, values) => write(sql, values),
  })
  const riders = createRiders()
  let migrated: Promise<void> | undefined
  let isMigrated = false
  let holders = 0
  function ready(): Promise<void> {
    migrated ??= retry('read', () => migratePostgres({ connect: connections.alone, runtime, isCopyTarget })).then(
      () => {
        isMigrated = true
      },
      (error: unknown) => {
        migrated = undefined
        throw explain(place, error)
      },
    )
    return migrated
  }
  async function run<Row>(kind: Kind, sql: string, values: readonly Value[]) {
    if (!isMigrated) await ready()
    return retry(kind, () => connections.run<Row>(sql, values.map(bound)))
  }
  const write = async <Row>(sql: string, values: readonly Value[] = []) => (await run<Row>('write', sql, values)).rows
  async function act<Row, T>(sql: string, values: readonly Value[], resultOf: (rows: readonly Row[]) => T) {
    const more = riders.take()
    if (more === null) return resultOf(await write<Row>(sql, values))
    if (!isMigrated) await ready()
    const first = { sql, values: values.map(bound) }
    return retry('write', () =>
      connections.together(first, (rows: readonly Row[]) => {
        const result = resultOf(rows)
        return { result, statement: more(result) }
      }),
    )
  }
  async function close(): Promise<void> {
    await notifications.close()
    await connections.close()
  }
  return {
    place,
    runtime,
    notifications,
    ready,
    plan: () => retry('read', () => connections.alone(pendingSteps)),
    read: async <Row>(sql: string, values: readonly Value[] = []) => (await run<Row>('read', sql, values)).rows,
    write,
    act,
    along: riders.along,
    count: async (sql, values = []) => (await run('write', sql, values)).count,
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

type Kind = 'read' | 'write'

const longestPauseSeconds = 1

function createRetry(runtime: Runtime, { place, retrySeconds }: { place: string; retrySeconds: number }) {
  const pause = (seconds: number) => new Promise<void>((resolve) => void runtime.schedule(seconds, resolve))
  return async <T>(kind: Kind, work: () => Promise<T>): Promise<T> => {
    const began = runtime.now()
    for (let seconds = 0.02; ; seconds *= 2) {
      try {
        return await work()
      } catch (error) {
        const fault = error instanceof Unsent ? 'again' : faultOf(error)
        if (fault === 'own') throw error instanceof Thrown ? error.cause : error
        const mayRepeat = fault === 'again' || (fault === 'unreached' && kind === 'read')
        if (!mayRepeat || runtime.now() - began >= retrySeconds) throw unavailableError(place, error)
        const [random = 0] = runtime.randomBytes(1)
        await pause(Math.min(seconds, longestPauseSeconds) * (0.5 + random / 256))
      }
    }
  }
}

/** Instants are whole seconds here, and PostgreSQL's text knows no NUL. */
function bound(value: Value): Value {
  if (typeof value === 'number') return Math.floor(value)
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value
}

function explain(place: string, error: unknown): unknown {
  if (error instanceof OAuthError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new Error(`The database ${place} cannot be used: ${reason}.`, { cause: error })
}
