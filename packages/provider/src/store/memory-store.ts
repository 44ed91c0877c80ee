import { memoryAccessTokens } from './memory/access-tokens.ts'
import { memoryAudit } from './memory/audit.ts'
import { memoryClients } from './memory/clients.ts'
import { memoryCodes } from './memory/codes.ts'
import { memoryConsents } from './memory/consents.ts'
import { memoryFamilies } from './memory/families.ts'
import { memoryInteractions } from './memory/interactions.ts'
import { memoryKeys } from './memory/keys.ts'
import { memoryLeases } from './memory/leases.ts'
import { memoryLogoutDeliveries } from './memory/logout-deliveries.ts'
import { memoryPendingGrants } from './memory/pending-grants.ts'
import { memoryPushedRequests } from './memory/pushed-requests.ts'
import { memoryRefreshTokens } from './memory/refresh-tokens.ts'
import { memoryReplays } from './memory/replays.ts'
import { memoryRevocations } from './memory/revocations.ts'
import { memorySessions } from './memory/sessions.ts'
import { memoryStatusLists } from './memory/status-lists.ts'
import { createTables, type Tables } from './memory/tables.ts'
import type { Store } from './store.ts'

/** A store for tests and trials: one process, gone when it ends. */
export function createMemoryStore(): Store {
  const tables = createTables()
  return {
    clients: memoryClients(tables),
    interactions: memoryInteractions(tables),
    sessions: memorySessions(tables),
    consents: memoryConsents(tables),
    codes: memoryCodes(tables),
    families: memoryFamilies(tables),
    refreshTokens: memoryRefreshTokens(tables),
    accessTokens: memoryAccessTokens(tables),
    keys: memoryKeys(tables),
    replays: memoryReplays(tables),
    pushedRequests: memoryPushedRequests(tables),
    pendingGrants: memoryPendingGrants(tables),
    logoutDeliveries: memoryLogoutDeliveries(tables),
    revocations: memoryRevocations(tables),
    statusLists: memoryStatusLists(tables),
    leases: memoryLeases(tables),
    audit: memoryAudit(tables),
    async sweep(now, limit) {
      return sweep(tables, now, limit)
    },
    async close() {},
  }
}

/** Tokens before families: a family's end must be known as long as a token of it is. */
function expiring(tables: Tables): readonly Map<unknown, { readonly expiresAt: number }>[] {
  const { accessTokens, refreshTokens, codes, interactions, sessions, revokedJwts, replays, families } = tables
  const {
    audit,
    sessionClients,
    pushedRequests,
    pendingGrants,
    logoutDeliveries,
    revocations,
    statusEntries,
    statusLists,
  } = tables
  const tokens = [accessTokens, refreshTokens, codes, interactions, sessions, revokedJwts, replays, families]
  return [
    ...tokens,
    sessionClients,
    pushedRequests,
    pendingGrants,
    logoutDeliveries,
    revocations,
    statusEntries,
    statusLists,
    audit,
  ]
}

function sweep(tables: Tables, now: number, limit: number): number {
  let gone = 0
  for (const table of expiring(tables)) {
    for (const [key, row] of table) {
      if (gone === limit) return gone
      if (row.expiresAt > now) continue
      table.delete(key)
      gone++
    }
  }
  return gone
}
