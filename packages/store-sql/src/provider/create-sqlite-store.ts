import type { Store } from '@latchkey/provider'
import type { SqliteDatabase } from '../sqlite.ts'
import { createSweep } from '../sweep.ts'
import { sqliteAccessTokens } from './access-tokens.ts'
import { sqliteConsents, sqliteInteractions, sqliteSessions } from './browser-state.ts'
import { sqliteClients } from './clients.ts'
import { sqliteCodes } from './codes.ts'
import { familySteps, sqliteFamilies } from './families.ts'
import { issuedSteps } from './issued.ts'
import { sqliteKeys, sqliteReplays } from './keys-and-replays.ts'
import { sqliteRefreshTokens } from './refresh-tokens.ts'

/** Tokens before families: a family's end must be known as long as a token of it is. */
const expiring = [
  ['access_tokens', 'hash'],
  ['refresh_tokens', 'hash'],
  ['codes', 'hash'],
  ['interactions', 'hash'],
  ['sessions', 'hash'],
  ['revoked_jwts', 'jti'],
  ['replays', 'key'],
  ['families', 'family_id'],
] as const

/** The provider's store in an SQLite file. `close` lets go of the file; the last store of it closes it. */
export function createSqliteStore(db: SqliteDatabase): Store {
  const families = familySteps(db)
  const issuing = issuedSteps(db, families)
  return {
    clients: sqliteClients(db, families),
    interactions: sqliteInteractions(db),
    sessions: sqliteSessions(db),
    consents: sqliteConsents(db),
    codes: sqliteCodes(db, families, issuing),
    families: sqliteFamilies(db, families),
    refreshTokens: sqliteRefreshTokens(db, families, issuing),
    accessTokens: sqliteAccessTokens(db, families, issuing),
    keys: sqliteKeys(db),
    replays: sqliteReplays(db),
    sweep: createSweep(
      db,
      expiring.map(([table, key]) => ({ table, key, condition: 'expires_at <= ?1' })),
    ),
    close: db.hold(),
  }
}
