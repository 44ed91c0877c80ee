export { createSqliteAccountStore } from './accounts/create-sqlite-account-store.ts'
export { createSqliteSessionStore } from './bff/create-sqlite-session-store.ts'
export { createSqliteStore } from './provider/create-sqlite-store.ts'
export { openSqlite, type SqliteDatabase, type SqliteOptions, type Statement } from './sqlite.ts'
