import type { Compilable, Kysely, RawBuilder } from 'kysely'
import type { Schema } from '../schema.ts'
import { firstTables } from './0001-first-tables.ts'
import { wholeProtocol } from './0002-whole-protocol.ts'
import { statusLists } from './0003-status-lists.ts'
import { renewalRequests } from './0004-renewal-requests.ts'
import { pings } from './0005-pings.ts'
import { auditEvents } from './0006-audit-events.ts'
import { ownPage } from './0007-own-page.ts'

export type Member = (column: string, name: string) => RawBuilder<unknown>

/** A step from one schema to the next. A published one is never changed. */
export interface Migration {
  readonly name: string
  /** `member` is the text of a JSON column's member, in the words of the database. */
  readonly up: (db: Kysely<Schema>, member: Member) => Iterable<Compilable>
}

export const migrations: readonly Migration[] = [
  { name: '0001-first-tables', up: firstTables },
  { name: '0002-whole-protocol', up: wholeProtocol },
  { name: '0003-status-lists', up: statusLists },
  { name: '0004-renewal-requests', up: renewalRequests },
  { name: '0005-pings', up: pings },
  { name: '0006-audit-events', up: auditEvents },
  { name: '0007-own-page', up: ownPage },
]
