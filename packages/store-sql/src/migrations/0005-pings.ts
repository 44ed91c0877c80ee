import type { Compilable, Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** Clients that wait for a person are told by the same queue as those of a session that ended. */
export function* pings({ schema }: Kysely<Schema>): Generator<Compilable> {
  yield schema.alterTable('logout_deliveries').addColumn('ping', 'text')
}
