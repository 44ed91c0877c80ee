import type { SessionStore } from '../store.ts'
import { insert, type Tables } from './tables.ts'

export function memorySessions({ sessions, sessionClients }: Tables): SessionStore {
  return {
    async create(record, replaces) {
      insert(sessions, record.hash, record)
      if (replaces !== null) sessions.delete(replaces)
    },
    async find(hash, now) {
      const record = sessions.get(hash)
      return record !== undefined && record.expiresAt > now ? record : null
    },
    async end(hash) {
      const record = sessions.get(hash) ?? null
      sessions.delete(hash)
      return record
    },
    async noteClient(sid, clientId, expiresAt) {
      const key = JSON.stringify([sid, clientId])
      const known = sessionClients.get(key)?.expiresAt ?? 0
      sessionClients.set(key, { sid, clientId, expiresAt: Math.max(known, expiresAt) })
    },
    async clientsOf(sid) {
      const noted = [...sessionClients.values()].filter((entry) => entry.sid === sid)
      return noted.map((entry) => entry.clientId).sort()
    },
  }
}
