import type { AuditRecord, AuditStore } from '@latchkey/provider'
import { auditRecordOf, auditSearch } from '../../provider/audit.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'

/** One statement for any number of entries, so that it is prepared once. */
const append = `insert into audit_events (id, type, client_id, sub, actor, expires_at, data)
  select id, type, client_id, sub, actor, expires_at, data
  from json_populate_recordset(null::audit_events, $1::json) on conflict (id) do nothing`

export function postgresAudit(db: PostgresDatabase): AuditStore {
  return {
    async append(records) {
      if (records.length > 0) await db.write(append, [rowsOf(records)])
    },
    async along<T>(act: () => Promise<T>, entriesOf: (result: T) => readonly AuditRecord[]) {
      const { done, rode } = db.along(act, (result) => {
        const records = entriesOf(result as T)
        return records.length === 0 ? null : { sql: append, values: [rowsOf(records)] }
      })
      return { result: await done, isWritten: rode }
    },
    async list(query) {
      const { sql, values } = auditSearch(query, (n) => `$${n}`)
      return (await db.read<Pick<Schema['audit_events'], 'data'>>(sql, values)).map(auditRecordOf)
    },
  }
}

function rowsOf(records: readonly AuditRecord[]): string {
  const rows = records.map((record): Schema['audit_events'] => ({
    id: record.id,
    type: known(record.type),
    client_id: known(record.clientId),
    sub: known(record.sub),
    actor: known(record.actor),
    expires_at: Math.floor(record.expiresAt),
    data: JSON.stringify(record),
  }))
  return JSON.stringify(rows)
}

/** PostgreSQL's text knows neither NUL nor half a surrogate pair. */
function known<T extends string | null>(text: T): T {
  return (text?.toWellFormed().replaceAll('\0', '\ufffd') ?? null) as T
}
