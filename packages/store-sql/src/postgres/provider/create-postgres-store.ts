import type { Store } from '@latchkey/provider'
import { expiring } from '../../provider/create-sqlite-store.ts'
import type { PostgresDatabase } from '../postgres.ts'
import { createPostgresSweep } from '../sweep.ts'
import { postgresAccessTokens } from './access-tokens.ts'
import { postgresAudit } from './audit.ts'
import { postgresInteractions, postgresPushedRequests, postgresSessions } from './browser-state.ts'
import { postgresClients } from './clients.ts'
import { postgresConsents } from './consents.ts'
import { postgresLeases, postgresLogoutDeliveries } from './errands.ts'
import { postgresKeys, postgresReplays } from './keys-and-replays.ts'
import { postgresPendingGrants } from './pending-grants.ts'
import { numberRevocations, postgresRevocations } from './revocations.ts'
import { postgresStatusLists } from './status-lists.ts'
import { postgresCodes, postgresFamilies, postgresRefreshTokens } from './tokens.ts'

/** The provider's store in PostgreSQL. `close` lets go of the pool; the last store of it closes it. */
export function createPostgresStore(db: PostgresDatabase): Store {
  const { log, told } = postgresRevocations(db)
  const sweep = createPostgresSweep(
    db,
    expiring.map(([table]) => ({ table, condition: 'expires_at <= $1' })),
  )
  return {
    clients: postgresClients(db, told),
    interactions: postgresInteractions(db),
    sessions: postgresSessions(db, told),
    consents: postgresConsents(db, told),
    codes: postgresCodes(db, told),
    families: postgresFamilies(db, told),
    refreshTokens: postgresRefreshTokens(db, told),
    accessTokens: postgresAccessTokens(db, told),
    keys: postgresKeys(db),
    replays: postgresReplays(db),
    pushedRequests: postgresPushedRequests(db),
    pendingGrants: postgresPendingGrants(db),
    logoutDeliveries: postgresLogoutDeliveries(db),
    revocations: log,
    statusLists: postgresStatusLists(db),
    leases: postgresLeases(db),
    audit: postgresAudit(db),
    async sweep(now, limit) {
      await numberRevocations(db)
      return sweep(now, limit)
    },
    close: db.hold(),
  }
}
