import { runAccountStoreContract } from '@latchkey/accounts/account-store-contract'
import { runSessionStoreContract } from '@latchkey/bff/session-store-contract'
import { runSharedStoreContract, runStoreContract } from '@latchkey/provider/store-contract'
import { createSqliteAccountStore, createSqliteSessionStore, createSqliteStore, openSqlite } from './index.ts'
import { temporaryFile } from './temporary-file.ts'

runStoreContract('SQLite store', async () => createSqliteStore(openSqlite(temporaryFile())))
runSharedStoreContract('SQLite store', async () => {
  const file = temporaryFile()
  return [createSqliteStore(openSqlite(file)), createSqliteStore(openSqlite(file))]
})
runAccountStoreContract('SQLite account store', async () => createSqliteAccountStore(openSqlite(temporaryFile())))
runSessionStoreContract('SQLite session store', async () => createSqliteSessionStore(openSqlite(temporaryFile())))
