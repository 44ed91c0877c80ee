import type { SessionStore } from '../store.ts'
import { endSession } from './families.ts'
import { insert, type Tables } from './tables.ts'

export function memorySessions(tables: Tables): SessionStore {
  const { sessions, sessionClients } = tables
  return {
    async create(record, replaces) {
      const before = replaces === null ? undefined : sessions.get(replaces)
      insert(sessions, record.hash, record)
      if (before === undefined) return
      sessions.delete(before.hash)
      if (before.sub !== record.sub) endSession(tables, before, record.authTime)
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
    async list(sub, now) {
      return [...sessions.values()].filter((record) => record.sub === sub && record.expiresAt > now)
    },
    async use(hash, now) {
      const record = sessions.get(hash)
      if (record === undefined) return false
      if ((record.usedAt ?? 0) < now) sessions.set(hash, { ...record, usedAt: now })
      return true
    },
    async endOf(sub, which, now) {
      const isMeant = (sid: string) => ('only' in which ? sid === which.only : sid !== which.except)
      const ended = [...sessions.values()].filter((record) => record.sub === sub && isMeant(record.sid))
      for (const session of ended) {
        sessions.delete(session.hash)
        endSession(tables, session, now)
      }
      return [...new Set(ended.map(({ sid }) => sid))]
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
