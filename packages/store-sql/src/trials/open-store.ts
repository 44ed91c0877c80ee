import type { Store } from '@latchkey/provider'
import { createPostgresStore, createSqliteStore, openPostgres, openSqlite } from '../index.ts'

/** The store at a connection string of PostgreSQL or in an SQLite file. */
export function openStore(place: string): Store {
  return place.startsWith('postgres:') ? createPostgresStore(openPostgres(place)) : createSqliteStore(openSqlite(place))
}
