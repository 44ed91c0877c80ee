import type { AuditStore } from '@latchkey/provider'
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
      if (records.length === 0) return
      const rows = records.map((record): Schema['audit_events'] => ({
        id: record.id,
        type: known(record.type),
        client_id: known(record.clientId),
        sub: known(record.sub),
        actor: known(record.actor),
        expires_at: Math.floor(record.expiresAt),
        data: JSON.stringify(record),
      }))
      await db.write(append, [JSON.stringify(rows)])
    },
    async along(act) {
      return { result: await act(), isWritten: false }
    },
    async list(query) {
      const { sql, values } = auditSearch(query, (n) => `$${n}`)
      return (await db.read<Pick<Schema['audit_events'], 'data'>>(sql, values)).map(auditRecordOf)
    },
  }
}

/** PostgreSQL's text knows neither NUL nor half a surrogate pair. */
function known<T extends string | null>(text: T): T {
  return (text?.toWellFormed().replaceAll('\0', '\ufffd') ?? null) as T
}
