import type { BffSessionRecord, RefreshClaim } from '@latchkey/bff'
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

export type ClaimRow = Pick<SessionRow, 'version' | 'fence' | 'lease_ends_at' | 'holder' | 'asked_at' | 'answer_by'>

/** Until when nobody may take over from the holder; 0 when there is none. */
export function heldUntil({ lease_ends_at, answer_by }: ClaimRow): number {
  return lease_ends_at === null ? 0 : Math.max(lease_ends_at, answer_by ?? 0)
}

export function busyWith(row: ClaimRow): RefreshClaim {
  const { fence, holder, lease_ends_at, asked_at, answer_by } = row
  const asked = asked_at === null || answer_by === null ? null : { at: asked_at, answerBy: answer_by }
  return { outcome: 'busy', fence, holder: holder ?? '', leaseEndsAt: lease_ends_at ?? 0, asked }
}
