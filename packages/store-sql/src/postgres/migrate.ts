import type { Runtime } from '@latchkey/protocol'
import type { PlannedStep } from '../migrate.ts'
import { migrations } from '../migrations/index.ts'
import { autovacuumSettings } from './autovacuum.ts'
import { postgresMember, postgresWriter } from './dialect.ts'
import { familyFunctions } from './functions/families.ts'
import { keyAndSessionFunctions, renewalFunctions } from './functions/keys-and-sessions.ts'
import { ownPageFunctions } from './functions/own-page.ts'
import { sessionEndFunctions } from './functions/session-ends.ts'
import { statusListFunctions } from './functions/status-lists.ts'
import { tokenFunctions } from './functions/tokens.ts'
import { type Run, unfinishedIndexes, withoutThem } from './later-indexes.ts'
import { postgresCode, UnfitDatabase } from './postgres-error.ts'

const inbox = `create table revocation_inbox (
  arrival bigint generated always as identity primary key,
  kind text not null, id text not null, at bigint not null, expires_at bigint not null)`

/** Each only adds, so that nodes of the version before go on working. */
export function postgresSteps(): readonly PlannedStep[] {
  const shared = migrations.map(({ name, up }) => ({
    name,
    statements: [...up(postgresWriter, postgresMember)].map((statement) => statement.compile().sql),
  }))
  const functions = [...familyFunctions, ...tokenFunctions, ...keyAndSessionFunctions]
  return [
    ...shared,
    { name: 'postgres-0001-functions', statements: [inbox, ...functions] },
    { name: 'postgres-0002-status-lists', statements: statusListFunctions },
    { name: 'postgres-0003-renewal-requests', statements: renewalFunctions },
    { name: 'postgres-0004-autovacuum', statements: autovacuumSettings },
    { name: 'postgres-0005-own-page', statements: ownPageFunctions },
    { name: 'postgres-0006-session-ends', statements: sessionEndFunctions },
  ]
}

/** The steps that the database has not taken yet, and behind them the indexes of tables that it has already. */
export async function pendingSteps(run: Run): Promise<readonly PlannedStep[]> {
  const [found] = await run("select to_regclass('latchkey_migrations') is not null as known")
  if (found?.known !== true) return postgresSteps()
  const statements = await unfinishedIndexes(run, postgresSteps())
  return [...(await stepsToTake(run)), ...(statements.length === 0 ? [] : [{ name: indexes, statements }])]
}

const indexes = 'indexes, built while everything goes on'

async function stepsToTake(run: Run): Promise<readonly PlannedStep[]> {
  const applied = new Set((await run('select name from latchkey_migrations')).map((row) => row.name))
  return withoutThem(
    run,
    postgresSteps().filter((step) => !applied.has(step.name)),
  )
}

interface Migrating {
  /** Gives `work` a connection of its own, on which a statement may take as long as it does. */
  readonly connect: <T>(work: (run: Run) => Promise<T>) => Promise<T>
  readonly runtime: Pick<Runtime, 'schedule'>
  readonly isCopyTarget: boolean
}

/**
 * Brings the schema up to date in one transaction, under a lock of the database: of nodes that start at once one
 * works and the others wait. Steps of a newer version are let stand. Indexes of tables that were there already are built
 * afterwards, while everything goes on, by one node; the others do not wait for them.
 */
export function migratePostgres({ connect, runtime, isCopyTarget }: Migrating): Promise<void> {
  return connect(async (run) => {
    await refuseUnfit(run)
    if (!isCopyTarget) await refuseHalfCopied(run)
    const pending = await pendingSteps(run)
    if (pending.length === 0) return
    if (pending.some(({ name }) => name !== indexes))
      await inTurn(runtime, () => transaction(run, () => takeSteps(run)))
    await transaction(run, () => connect(buildIndexes))
  })
}

async function takeSteps(run: Run): Promise<void> {
  await refuseForeign(run)
  await run('create table if not exists latchkey_migrations (name text primary key)')
  for (const { name, statements } of await stepsToTake(run)) {
    if (statements.length > 0) await run(statements.join(';\n'))
    await run('insert into latchkey_migrations (name) values ($1)', [name])
  }
}

async function buildIndexes(run: Run): Promise<void> {
  for (const statement of await unfinishedIndexes(run, postgresSteps())) await run(statement)
}

/** Whoever waits for the lock must not stand in a statement: an index that is built waits for the end of each of them. */
const lock = `select pg_try_advisory_xact_lock(hashtextextended('latchkey migrations ' || current_schema(), 0)) as mine`
/** Who waits longer for a table would have all others wait behind it. */
const limits = "set local lock_timeout = '1s'; set local idle_in_transaction_session_timeout = 0"

/** False when another node has the lock. */
async function transaction(run: Run, work: () => Promise<void>): Promise<boolean> {
  // Nothing but this keeps a view of the past, for whose end an index that is built would wait.
  await run('begin isolation level read committed')
  try {
    await run(limits)
    const [row] = await run(lock)
    if (row?.mine === true) await work()
    await run('commit')
    return row?.mine === true
  } catch (error) {
    await run('rollback').catch(() => {})
    throw error
  }
}

const pauseSeconds = 0.2
/** How often a table that somebody holds is asked for. */
const mostAttempts = 30

/** Tries until it is this node's turn and nobody holds a table that the steps change. */
async function inTurn(runtime: Migrating['runtime'], attempt: () => Promise<boolean>): Promise<void> {
  for (let refused = 0; ; ) {
    try {
      if (await attempt()) return
    } catch (error) {
      if (postgresCode(error) !== lockNotAvailable || ++refused === mostAttempts) throw error
    }
    await new Promise<void>((resolve) => void runtime.schedule(pauseSeconds, resolve))
  }
}

const lockNotAvailable = '55P03'

const oldestVersion = 150_000

/** What was acknowledged must be durable. */
async function refuseUnfit(run: Run): Promise<void> {
  const [row] = await run(
    "select current_setting('server_version_num')::int as version, current_setting('synchronous_commit') as commits",
  )
  if (Number(row?.version) < oldestVersion)
    throw new UnfitDatabase('it is older than PostgreSQL 15; bring it up to date')
  if (row?.commits !== 'off') return
  throw new UnfitDatabase(
    'its synchronous_commit is off, so it acknowledges what it may lose; switch it on for this user or database',
  )
}

async function refuseHalfCopied(run: Run): Promise<void> {
  const [row] = await run("select to_regclass('latchkey_copy') is not null as begun")
  if (row?.begun !== true) return
  throw new UnfitDatabase('a copy into it was begun and is not done; run "latchkey store copy" again, which goes on')
}

async function refuseForeign(run: Run): Promise<void> {
  const [row] = await run(
    `select table_name from information_schema.tables
     where table_schema = current_schema() and table_name in ('clients', 'sessions', 'accounts', 'codes', 'families')
       and to_regclass('latchkey_migrations') is null limit 1`,
  )
  if (row === undefined) return
  throw new UnfitDatabase(
    `its schema belongs to another program (it has a table "${String(row.table_name)}"); give Latchkey a database or a schema of its own`,
  )
}
