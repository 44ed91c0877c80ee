import { runAccountStoreContract } from '@latchkey/accounts/account-store-contract'
import { runSessionStoreContract } from '@latchkey/bff/session-store-contract'
import { runSharedStoreContract, runStoreContract } from '@latchkey/provider/store-contract'
import { afterAll } from 'vitest'
import { createSqliteAccountStore, createSqliteSessionStore, createSqliteStore, openSqlite } from './index.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const files = temporaryFiles()
afterAll(files.remove)

runStoreContract('SQLite store', async () => createSqliteStore(openSqlite(files.next())))
runSharedStoreContract('SQLite store', async () => {
  const file = files.next()
  return [createSqliteStore(openSqlite(file)), createSqliteStore(openSqlite(file))]
})
runAccountStoreContract('SQLite account store', async () => createSqliteAccountStore(openSqlite(files.next())))
runSessionStoreContract('SQLite session store', async () => createSqliteSessionStore(openSqlite(files.next())))
