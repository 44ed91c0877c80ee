import type { Compilable, Kysely } from 'kysely'
import type { Schema } from '../schema.ts'

/** Who renews a BFF session, when they asked the provider and until when it may answer; and why a session ended. */
export function* renewalRequests({ schema }: Kysely<Schema>): Generator<Compilable> {
  yield schema.alterTable('bff_sessions').addColumn('holder', 'text')
  yield schema.alterTable('bff_sessions').addColumn('asked_at', 'integer')
  yield schema.alterTable('bff_sessions').addColumn('answer_by', 'integer')
  yield schema.alterTable('bff_sessions').addColumn('ended_because', 'text')
  yield schema.createIndex('bff_sessions_of_client').on('bff_sessions').columns(['client_id', 'hash'])
}
