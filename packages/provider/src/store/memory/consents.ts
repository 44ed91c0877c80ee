import { type ConsentStore, mostAllowedDetails } from '../consents.ts'
import { dropOnTheWay, endFamilies } from './families.ts'
import { queueLogouts } from './logout-deliveries.ts'
import type { Tables } from './tables.ts'

export function memoryConsents(tables: Tables): ConsentStore {
  const { consents, sessions } = tables
  return {
    async find(sub, clientId) {
      return consents.get(keyOf(sub, clientId))?.permissions ?? []
    },
    async list(sub) {
      const theirs = [...consents.values()].filter((consent) => consent.sub === sub)
      return theirs.map(({ sub: _, ...record }) => record).sort((a, b) => (a.clientId < b.clientId ? -1 : 1))
    },
    async grant(sub, clientId, { permissions, details = [] }, now) {
      const before = consents.get(keyOf(sub, clientId))
      const added = details.map((detail) => ({ detail, at: now }))
      consents.set(keyOf(sub, clientId), {
        sub,
        clientId,
        permissions: [...new Set([...(before?.permissions ?? []), ...permissions])],
        details: [...(before?.details ?? []), ...added].slice(-mostAllowedDetails),
        grantedAt: before?.grantedAt ?? now,
      })
    },
    async withdraw(sub, clientId, now) {
      const hadConsent = consents.delete(keyOf(sub, clientId))
      const isMeant = (of: { readonly sub: string; readonly clientId: string }) =>
        of.sub === sub && of.clientId === clientId
      dropOnTheWay(tables, isMeant)
      const ended = endFamilies(tables, isMeant, now).map(({ familyId, sid }) => ({ familyId, sid }))
      if (hadConsent || ended.length > 0) {
        const living = [...sessions.values()].filter((session) => session.sub === sub && session.expiresAt > now)
        const sids = new Set([...living, ...ended].map(({ sid }) => sid))
        for (const sid of sids) if (sid !== null) queueLogouts(tables, { sid, sub }, { now, only: clientId })
      }
      return { hadConsent, ended }
    },
  }
}

const keyOf = (sub: string, clientId: string): string => JSON.stringify([sub, clientId])
