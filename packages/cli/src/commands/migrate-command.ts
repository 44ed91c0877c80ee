import { resolve } from 'node:path'
import { ConfigError } from '@latchkey/protocol'
import { openPostgres, type PlannedStep, planSqlite } from '@latchkey/store-sql'
import { readConfig } from '../config/read-config.ts'
import type { ServeConfig } from '../config/serve-config.ts'
import { openStores } from '../stores.ts'

export interface MigrateArguments {
  readonly config: string
  readonly plan?: boolean
}

/** `latchkey migrate`: brings the database's schema up to date, or with `--plan` shows the statements that would do it. */
export async function migrateCommand({ config: file, plan }: MigrateArguments): Promise<void> {
  const { store } = readConfig(resolve(process.env.LATCHKEY_INVOKED_FROM ?? '.', file))
  const steps = await pendingSteps(store)
  if (steps.length === 0) return say('The schema is up to date.')
  for (const { name, statements } of steps) {
    say(`-- ${name}`)
    if (plan === true) for (const statement of statements) say(`${statement};`)
  }
  if (plan === true) return
  const stores = openStores(store)
  await stores.ready()
  await stores.close()
  const left = await pendingSteps(store)
  if (left.length === 0) return say('The schema is up to date.')
  say(`Another node is at it: ${left.map(({ name }) => name).join('; ')}. Run this again to see whether it is done.`)
}

async function pendingSteps(store: ServeConfig['store']): Promise<readonly PlannedStep[]> {
  if (store.kind === 'memory') throw new ConfigError(['"store" is "memory": it has no schema to migrate.'])
  if (store.kind === 'sqlite') return planSqlite(store.file)
  const { url, pooled } = store
  const database = openPostgres(url, pooled === undefined ? {} : { pooled })
  try {
    return await database.plan()
  } finally {
    await database.close()
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
