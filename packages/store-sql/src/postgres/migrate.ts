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
import { UnfitDatabase } from './postgres-error.ts'

/** Runs one statement on the connection that holds the transaction. */
export type Run = (sql: string, values?: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>

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

/** The steps that the database has not taken yet. */
export async function pendingSteps(run: Run): Promise<readonly PlannedStep[]> {
  const [found] = await run("select to_regclass('latchkey_migrations') is not null as known")
  if (found?.known !== true) return postgresSteps()
  const applied = new Set((await run('select name from latchkey_migrations')).map((row) => row.name))
  return postgresSteps().filter((step) => !applied.has(step.name))
}

/**
 * Brings the schema up to date in one transaction, under a lock of the database: of nodes that start at once one
 * works and the others wait. Steps of a newer version are let stand.
 */
export async function migratePostgres(run: Run, { isCopyTarget = false } = {}): Promise<void> {
  await refuseUnfit(run)
  if (!isCopyTarget) await refuseHalfCopied(run)
  if ((await pendingSteps(run)).length === 0) return
  await run('begin')
  try {
    await run("select pg_advisory_xact_lock(hashtextextended('latchkey migrations ' || current_schema(), 0))")
    await refuseForeign(run)
    await run('create table if not exists latchkey_migrations (name text primary key)')
    for (const step of await pendingSteps(run)) {
      await run(step.statements.join(';\n'))
      await run('insert into latchkey_migrations (name) values ($1)', [step.name])
    }
    await run('commit')
  } catch (error) {
    await run('rollback').catch(() => {})
    throw error
  }
}

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
