import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AccountStore } from '@latchkey/accounts'
import { createMemoryAccountStore } from '@latchkey/accounts/memory-account-store'
import { ConfigError } from '@latchkey/protocol'
import type { Store } from '@latchkey/provider'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import { createSqliteAccountStore, createSqliteStore, openSqlite } from '@latchkey/store-sql'
import type { ServeConfig } from './config/serve-config.ts'

export interface Stores {
  readonly store: Store
  readonly accounts: AccountStore
  close(): Promise<void>
}

/** The stores of the provider and of the accounts. Throws a ConfigError that says what to do. */
export function openStores(config: ServeConfig['store']): Stores {
  if (config.kind === 'memory') return stores(createMemoryStore(), createMemoryAccountStore())
  checkPlace(config.file)
  try {
    const database = openSqlite(config.file)
    return stores(createSqliteStore(database), createSqliteAccountStore(database))
  } catch (error) {
    throw new ConfigError([explainSqlite(config.file, error)])
  }
}

function stores(store: Store, accounts: AccountStore): Stores {
  return {
    store,
    accounts,
    async close() {
      await accounts.close()
      await store.close()
    },
  }
}

function checkPlace(file: string): void {
  const folder = dirname(file)
  const stats = statSync(folder, { throwIfNoEntry: false })
  if (stats === undefined) {
    throw new ConfigError([`There is no folder ${folder} for the database ${file}. Make it with: mkdir -p ${folder}`])
  }
  if (!stats.isDirectory()) throw new ConfigError([`${folder} is no folder, so the database ${file} cannot be there.`])
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ConfigError([`${file} is a folder; "store.sqlite" takes a file.`])
  }
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new ConfigError([
      `The database ${file} needs a folder that this user may write to, because SQLite keeps files beside it; ` +
        `${folder} is not (${(error as NodeJS.ErrnoException).code}). Change its rights or name another file under "store".`,
    ])
  }
}

/** @see https://sqlite.org/rescode.html */
const sqliteRemedies: Readonly<Record<number, string>> = {
  5: 'another process holds it locked; end that process first',
  8: 'this user may not write to it; change its rights',
  10: 'the disk reports an error; check the file system',
  11: 'it is damaged; put back a copy that was made before',
  13: 'the disk is full; make room',
  14: 'this user may not open it; change its rights',
  26: 'it is no SQLite database; name another file under "store"',
}

function explainSqlite(file: string, error: unknown): string {
  const code = (error as { errcode?: number }).errcode
  const remedy = code === undefined ? undefined : sqliteRemedies[code & 0xff]
  const reason = error instanceof Error ? error.message : String(error)
  return `The database ${file} cannot be opened: ${remedy ?? reason}.`
}
