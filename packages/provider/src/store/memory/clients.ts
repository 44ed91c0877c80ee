import type { ClientRecord, ClientStore } from '../store.ts'
import { endFamily } from './families.ts'
import { appendRevocation } from './revocations.ts'
import type { Tables } from './tables.ts'

export function memoryClients(tables: Tables): ClientStore {
  const { clients } = tables
  return {
    async find(clientId) {
      return clients.get(clientId) ?? null
    },
    async list({ search = '', after = '', limit }) {
      const wanted = search.toLowerCase()
      return [...clients.values()]
        .filter((record) => record.metadata.client_id > after && matches(record, wanted))
        .sort((a, b) => (a.metadata.client_id < b.metadata.client_id ? -1 : 1))
        .slice(0, limit)
    },
    async create(record) {
      if (clients.has(record.metadata.client_id)) return 'exists'
      clients.set(record.metadata.client_id, record)
      return 'created'
    },
    async update(record) {
      const stored = clients.get(record.metadata.client_id)
      if (stored?.version !== record.version - 1) return 'stale'
      clients.set(record.metadata.client_id, record)
      return 'updated'
    },
    async delete(clientId, now) {
      if (!clients.delete(clientId)) return 'unknown'
      forgetClient(tables, clientId, now)
      return 'deleted'
    },
  }
}

function matches({ metadata }: ClientRecord, wanted: string): boolean {
  return (
    metadata.client_id.toLowerCase().includes(wanted) || (metadata.client_name?.toLowerCase().includes(wanted) ?? false)
  )
}

/** How long a deleted client is remembered at least, for JWTs that stand alone: no row tells of them. */
const loneTokenSeconds = 86_400

/** Nothing that a client was given outlives it: whoever takes its name later starts with nothing. */
function forgetClient(tables: Tables, clientId: string, now: number): void {
  let expiresAt = now + loneTokenSeconds
  for (const [hash, token] of tables.accessTokens) {
    if (token.grounds.clientId !== clientId) continue
    expiresAt = Math.max(expiresAt, token.expiresAt)
    tables.accessTokens.delete(hash)
  }
  for (const family of tables.families.values()) {
    if (family.clientId !== clientId || !endFamily(tables, family, now)) continue
    expiresAt = Math.max(expiresAt, family.expiresAt)
  }
  for (const table of [tables.consents, tables.sessionClients, tables.pushedRequests, tables.pendingGrants]) {
    for (const [key, row] of table as Map<unknown, { readonly clientId: string }>) {
      if (row.clientId === clientId) table.delete(key as never)
    }
  }
  for (const [hash, code] of tables.codes) if (code.grounds.clientId === clientId) tables.codes.delete(hash)
  appendRevocation(tables, { kind: 'client', id: clientId, at: now, expiresAt })
}
