import type { AuditQuery, AuditRecord, AuditStore } from '../store.ts'
import type { Tables } from './tables.ts'

export function memoryAudit({ audit }: Tables): AuditStore {
  async function append(records: readonly AuditRecord[]): Promise<void> {
    for (const record of records) if (!audit.has(record.id)) audit.set(record.id, record)
  }
  return {
    append,
    async along(act, entriesOf) {
      const result = await act()
      await append(entriesOf(result))
      return { result, isWritten: true }
    },
    async list(query) {
      const found = [...audit.values()].filter((record) => matches(record, query))
      return found.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, query.limit)
    },
  }
}

function matches(record: AuditRecord, { type, clientId, person, before, from }: AuditQuery): boolean {
  return (
    (type === undefined || record.type === type) &&
    (clientId === undefined || record.clientId === clientId) &&
    (person === undefined || record.sub === person || record.actor === person) &&
    (before === undefined || record.id < before) &&
    (from === undefined || record.id >= from)
  )
}
