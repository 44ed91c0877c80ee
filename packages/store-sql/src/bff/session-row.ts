import type { BffSessionRecord } from '@latchkey/bff'
import type { Schema } from '../schema.ts'

export type SessionRow = Schema['bff_sessions']

/** Holds for a session that is neither revoked nor expired; `?1` is now. */
export const isAlive = 'revoked_at is null and idle_expires_at > ?1 and absolute_expires_at > ?1'

export function sessionOf(row: SessionRow): BffSessionRecord {
  return {
    hash: row.hash,
    sub: row.sub,
    sid: row.sid,
    clientId: row.client_id,
    sealedTokens: row.sealed_tokens,
    version: row.version,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    idleExpiresAt: row.idle_expires_at,
    absoluteExpiresAt: row.absolute_expires_at,
  }
}
