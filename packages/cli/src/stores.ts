import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AccountStore } from '@latchkey/accounts'
import { createMemoryAccountStore } from '@latchkey/accounts/memory-account-store'
import { ConfigError, OAuthError } from '@latchkey/protocol'
import type { Store } from '@latchkey/provider'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import {
  createPostgresAccountStore,
  createPostgresStore,
  createSqliteAccountStore,
  createSqliteStore,
  openPostgres,
  openSqlite,
} from '@latchkey/store-sql'
import type { ServeConfig } from './config/serve-config.ts'

export interface Stores {
  readonly store: Store
  readonly accounts: AccountStore
  /** Resolves when the store answers and its schema is up to date. Throws a ConfigError that says what to do. */
  ready(): Promise<void>
  close(): Promise<void>
}

/** The stores of the provider and of the accounts. Throws a ConfigError that says what to do. */
export function openStores(config: ServeConfig['store']): Stores {
  if (config.kind === 'memory') return stores(createMemoryStore(), createMemoryAccountStore())
  if (config.kind === 'postgres') return openPostgresStores(config)
  checkPlace(config.file)
  try {
    const database = openSqlite(config.file)
    return stores(createSqliteStore(database), createSqliteAccountStore(database))
  } catch (error) {
    throw new ConfigError([explainOpening(config.file, error)])
  }
}

function openPostgresStores({ url, ...pooling }: { readonly url: string; readonly pooled?: boolean }): Stores {
  const database = openPostgres(url, pooling)
  return {
    ...stores(createPostgresStore(database), createPostgresAccountStore(database)),
    async ready() {
      try {
        await database.ready()
      } catch (error) {
        const reason = error instanceof OAuthError ? error.detail : error instanceof Error ? error.message : undefined
        throw new ConfigError([
          `${reason ?? String(error)}. Check "store.postgres", and that its user may create tables in its schema.`,
        ])
      }
    },
  }
}

function stores(store: Store, accounts: AccountStore): Stores {
  return {
    store,
    accounts,
    async ready() {},
    async close() {
      await accounts.close()
      await store.close()
    },
  }
}

/** Said before SQLite's own words, which do not name the folder. */
function checkPlace(file: string): void {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ConfigError([`${file} is a folder; "store.sqlite" takes a file.`])
  }
  const folder = nearestFolder(dirname(file))
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new ConfigError([
      `The database ${file} needs a folder that this user may write to, because SQLite keeps files beside it; ` +
        `${folder} is not (${(error as NodeJS.ErrnoException).code}). Change its rights or name another file under "store".`,
    ])
  }
}

/** The folder itself, or the one in which it would be made. */
function nearestFolder(folder: string): string {
  const exists = statSync(folder, { throwIfNoEntry: false }) !== undefined
  return exists || dirname(folder) === folder ? folder : nearestFolder(dirname(folder))
}

/** @see https://sqlite.org/rescode.html */
const sqliteRemedies: Readonly<Record<number, string>> = {
  5: 'Another process holds it locked; end that process first.',
  8: 'This user may not write to it; change its rights.',
  10: 'The disk reports an error; check the file system.',
  11: 'It is damaged; put back a copy that was made before.',
  13: 'The disk is full; make room.',
  14: 'This user may not open it; change its rights.',
  26: 'It is no SQLite database; name another file under "store".',
}

function explainOpening(file: string, error: unknown): string {
  const { errcode, code } = error as { errcode?: number; code?: string }
  const reason = error instanceof Error ? error.message : String(error)
  const said = reason.includes(file) ? reason : `The database ${file} cannot be used: ${reason}.`
  const remedy = errcode === undefined ? undefined : sqliteRemedies[errcode & 0xff]
  if (remedy !== undefined) return `${said} ${remedy}`
  return code === 'EACCES' || code === 'EPERM' ? `${said} This user needs the right to read and write it.` : said
}
