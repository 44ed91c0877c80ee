import { memoryAccessTokens } from './memory/access-tokens.ts'
import { memoryClients } from './memory/clients.ts'
import { memoryCodes } from './memory/codes.ts'
import { memoryConsents } from './memory/consents.ts'
import { memoryFamilies } from './memory/families.ts'
import { memoryInteractions } from './memory/interactions.ts'
import { memoryKeys } from './memory/keys.ts'
import { memoryRefreshTokens } from './memory/refresh-tokens.ts'
import { memoryReplays } from './memory/replays.ts'
import { memorySessions } from './memory/sessions.ts'
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
    async sweep(now, limit) {
      return sweep(tables, now, limit)
    },
    async close() {},
  }
}

function sweep(tables: Tables, now: number, limit: number): number {
  const { accessTokens, refreshTokens, codes, interactions, sessions, revokedJwts, replays, families } = tables
  let gone = 0
  for (const table of [accessTokens, refreshTokens, codes, interactions, sessions, revokedJwts, replays, families]) {
    for (const [key, row] of table as Map<unknown, { readonly expiresAt: number }>) {
      if (gone === limit) return gone
      if (row.expiresAt > now) continue
      table.delete(key as never)
      gone++
    }
  }
  return gone
}
