import type { Runtime } from '@latchkey/protocol'
import pg from 'pg'
import type { Run } from './later-indexes.ts'
import { faultOf, isPooler, isStalePlan, Thrown } from './postgres-error.ts'
import { statementNames } from './statement-names.ts'

interface ConnectionOptions {
  readonly maxConnections?: number
  readonly statementSeconds?: number
  readonly connectSeconds?: number
  readonly pooled?: boolean
  readonly runtime: Runtime
}

interface Statement {
  readonly sql: string
  readonly values: readonly unknown[]
}

interface Answer<Row> {
  readonly rows: readonly Row[]
  readonly count: number
}

interface Rest<T> {
  readonly result: T
  readonly statement: Statement | null
}

export interface Connections {
  run<Row>(sql: string, values: readonly unknown[]): Promise<Answer<Row>>
  /**
   * A statement and what `restOf` makes of its rows, in one transaction and two round trips.
   * @throws Unsent also when the connection broke before the transaction was to be committed
   */
  together<Row, T>(first: Statement, restOf: (rows: readonly Row[]) => Rest<T>): Promise<T>
  /** Several statements on a connection of its own, each for as long as it takes. */
  alone<T>(work: (run: Run) => Promise<T>): Promise<T>
  /** Whether they are those of a pooler, as far as is known. */
  readonly arePooled: boolean
  close(): Promise<void>
}

/** No connection could be made, or it broke before there was anything to commit: nothing was written. */
export class Unsent extends Error {
  override readonly name = 'Unsent'
}

const int8 = 20

/**
 * Behind a pooler in transaction mode a connection lasts for one transaction. Unless told whether there is one, it is
 * recognised by what it refuses: settings of a session, or statements that were prepared on another connection.
 */
export function createConnections(connectionString: string, options: ConnectionOptions): Connections {
  let pooled = options.pooled ?? false
  let pool = createPool(connectionString, { ...options, pooled })
  const nameOf = statementNames()
  /** From now on without what a pooler refuses; false when that is how it goes already, or may not be. */
  function turnPooled(error: unknown): boolean {
    if (pooled || options.pooled !== undefined || !isPooler(error)) return false
    pooled = true
    const before = pool
    pool = createPool(connectionString, { ...options, pooled })
    // What is under way on the connections of before comes to its end.
    endUnasked(before)
    return true
  }
  async function connected<T>(connect: () => Promise<T>): Promise<T> {
    try {
      return await connect()
    } catch (error) {
      if (turnPooled(error)) return connected(connect)
      if (faultOf(error) === 'own') throw error
      throw new Unsent(error instanceof Error ? error.message : String(error), { cause: error })
    }
  }
  async function held<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await connected(() => pool.connect())
    let broken = false
    try {
      return await work(client)
    } catch (error) {
      broken = faultOf(error) !== 'own' || isStalePlan(error)
      // A newer version added a column. Nothing was run, and a new connection prepares the statement anew.
      if (isStalePlan(error)) return held(work)
      // Refused before it was begun: PostgreSQL does not know the statement by its name.
      if (turnPooled(error) || (pooled && isPooler(error) && options.pooled === undefined)) return held(work)
      throw error
    } finally {
      client.release(broken)
    }
  }
  async function alone<T>(work: (run: Run) => Promise<T>): Promise<T> {
    const client = await connected(() => openClient(connectionString, { ...options, pooled }))
    try {
      if (!pooled) await client.query('set statement_timeout = 0')
      return await work(async (text, values = []) => {
        // Without values several statements are sent at once.
        const given = values.length === 0 ? {} : { values: [...values] }
        return (await client.query({ text, ...given })).rows as Record<string, unknown>[]
      })
    } finally {
      await client.end().catch(() => {})
    }
  }
  function send(client: pg.PoolClient, { sql, values }: Statement): Promise<pg.QueryResult> {
    return client.query({ text: sql, values: [...values], ...(pooled ? {} : { name: nameOf(sql) }) })
  }
  return {
    run: <Row>(sql: string, values: readonly unknown[]) =>
      held(async (client) => {
        const { rows, rowCount } = await send(client, { sql, values })
        return { rows: rows as Row[], count: rowCount ?? 0 }
      }),
    together: (first, restOf) => held((client) => transaction(client, { send, first, restOf })),
    alone,
    get arePooled() {
      return pooled
    },
    close: () => pool.end(),
  }
}

interface Transaction<Row, T> {
  readonly send: (client: pg.PoolClient, statement: Statement) => Promise<pg.QueryResult>
  readonly first: Statement
  readonly restOf: (rows: readonly Row[]) => Rest<T>
}

/** What is sent together is sent without waiting for the answers in between. */
async function transaction<Row, T>(client: pg.PoolClient, { send, first, restOf }: Transaction<Row, T>): Promise<T> {
  let rows: readonly Row[]
  try {
    rows = (await Promise.all([client.query('begin'), send(client, first)]))[1].rows
  } catch (error) {
    if (faultOf(error) === 'unreached') throw new Unsent(String(error), { cause: error })
    await client.query('rollback').catch(() => {})
    throw error
  }
  const { statement, result } = await orUndone(client, () => restOf(rows))
  await Promise.all([...(statement === null ? [] : [send(client, statement)]), client.query('commit')])
  return result
}

async function orUndone<T>(client: pg.PoolClient, work: () => T): Promise<T> {
  try {
    return work()
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw new Thrown('thrown in a transaction', { cause: error })
  }
}

function configOf(connectionString: string, options: ConnectionOptions): pg.ClientConfig {
  const { statementSeconds = 10, connectSeconds = 5, pooled = false } = options
  return {
    connectionString,
    connectionTimeoutMillis: connectSeconds * 1000,
    keepAlive: true,
    application_name: 'latchkey',
    ...(pooled ? {} : { statement_timeout: statementSeconds * 1000 }),
  }
}

async function openClient(connectionString: string, options: ConnectionOptions): Promise<pg.Client> {
  const client = new pg.Client(configOf(connectionString, options))
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Ends a pool as soon as nobody waits for a connection of it: one that has ended lets them wait until their time is over. */
function endUnasked(pool: pg.Pool): void {
  if (pool.waitingCount > 0) pool.once('acquire', () => endUnasked(pool))
  else pool.end().catch(() => {})
}

function createPool(connectionString: string, options: ConnectionOptions): pg.Pool {
  const { maxConnections = 10, statementSeconds = 10 } = options
  const pool = new pg.Pool({
    ...configOf(connectionString, options),
    max: maxConnections,
    idleTimeoutMillis: 30_000,
    query_timeout: statementSeconds * 1000 + 1000,
    pipeline: true,
    allowExitOnIdle: true,
    types: { getTypeParser: (oid, format) => (oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text')) },
  })
  // An idle connection that breaks is replaced by the pool; the next statement finds out what is the matter.
  pool.on('error', () => {})
  // So does the statement that a connection carries when it breaks; without a listener the process would end.
  pool.on('connect', (client) => void client.on('error', () => {}))
  return pool
}
