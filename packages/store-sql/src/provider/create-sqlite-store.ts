import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { Store } from '@latchkey/provider'
import { createGiveBack } from '../free-pages.ts'
import type { SqliteDatabase } from '../sqlite.ts'
import { createSweep } from '../sweep.ts'
import { sqliteAccessTokens } from './access-tokens.ts'
import { sqliteAudit } from './audit.ts'
import { sqliteInteractions, sqliteSessions } from './browser-state.ts'
import { sqliteClients } from './clients.ts'
import { sqliteCodes } from './codes.ts'
import { sqliteConsents } from './consents.ts'
import { familySteps, sqliteFamilies } from './families.ts'
import { issuedSteps } from './issued.ts'
import { sqliteKeys, sqliteReplays } from './keys-and-replays.ts'
import { sqliteLeases } from './leases.ts'
import { sqliteLogoutDeliveries } from './logout-deliveries.ts'
import { sqlitePendingGrants } from './pending-grants.ts'
import { sqlitePushedRequests } from './pushed-requests.ts'
import { sqliteRefreshTokens } from './refresh-tokens.ts'
import { sqliteRevocations } from './revocations.ts'
import { sqliteStatusLists } from './status-lists.ts'

/** Tokens before families: a family's end must be known as long as a token of it is. */
export const expiring = [
  ['access_tokens', 'hash'],
  ['refresh_tokens', 'hash'],
  ['codes', 'hash'],
  ['interactions', 'hash'],
  ['sessions', 'hash'],
  ['revoked_jwts', 'jti'],
  ['replays', 'key'],
  ['families', 'family_id'],
  ['session_clients', '(sid, client_id)'],
  ['pushed_requests', 'hash'],
  ['pending_grants', 'hash'],
  ['logout_deliveries', 'id'],
  ['revocations', 'sequence'],
  ['status_entries', 'jti'],
  ['status_lists', 'id'],
  ['audit_events', 'id'],
] as const

/** The provider's store in an SQLite file. `close` lets go of the file; the last store of it closes it. */
export function createSqliteStore(db: SqliteDatabase, { runtime = systemRuntime }: { runtime?: Runtime } = {}): Store {
  const { log, steps } = sqliteRevocations(db, runtime)
  const families = familySteps(db, steps)
  const issuing = issuedSteps(db, families)
  const expired = expiring.map(([table, key]) => ({ table, key, condition: 'expires_at <= ?1' }))
  const sweep = createSweep(db, expired, runtime)
  const giveBack = createGiveBack(db)
  return {
    clients: sqliteClients(db, families, steps),
    interactions: sqliteInteractions(db),
    sessions: sqliteSessions(db, families),
    consents: sqliteConsents(db, families),
    codes: sqliteCodes(db, families, issuing),
    families: sqliteFamilies(db, families, issuing),
    refreshTokens: sqliteRefreshTokens(db, families, issuing),
    accessTokens: sqliteAccessTokens(db, { families, issuing, revocations: steps }),
    keys: sqliteKeys(db),
    replays: sqliteReplays(db),
    pushedRequests: sqlitePushedRequests(db),
    pendingGrants: sqlitePendingGrants(db, families, issuing),
    logoutDeliveries: sqliteLogoutDeliveries(db),
    revocations: log,
    statusLists: sqliteStatusLists(db),
    leases: sqliteLeases(db),
    audit: sqliteAudit(db),
    async sweep(now, limit) {
      const gone = await sweep(now, limit)
      if (gone < limit) await giveBack()
      return gone
    },
    close: db.hold(),
  }
}
