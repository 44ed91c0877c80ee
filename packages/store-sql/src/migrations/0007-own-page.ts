import type { Compilable, Kysely } from 'kysely'
import type { Schema } from '../schema.ts'
import type { Member } from './index.ts'

/** What people see and take back for themselves: found by the person, who is a member of a session's JSON. */
export function* ownPage({ schema }: Kysely<Schema>, member: Member): Generator<Compilable> {
  yield schema.alterTable('consents').addColumn('details', 'text')
  yield schema.createIndex('families_of_person').ifNotExists().on('families').columns(['sub', 'client_id'])
  yield schema.createIndex('sessions_of_person').ifNotExists().on('sessions').expression(member('data', 'sub'))
}
