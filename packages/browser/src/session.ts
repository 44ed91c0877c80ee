import type { TokenSet } from '@latchkey/client'

/** One sign-in and the tokens it has now; every tab of a configuration shares one. */
export interface Session {
  /** Names the sign-in; renewals keep it. Not a secret. */
  readonly family: string
  /** Epoch seconds of the sign-in. */
  readonly startedAt: number
  readonly tokens: TokenSet
}

/** Why a session ended, as the tab that ended it says. */
export type EndReason = 'expired' | 'revoked' | 'signed-out'

/**
 * Whether `candidate` replaces `current`: a later sign-in, a later renewal, or the same tokens known to be spent.
 * The order is total, so that tabs which hear messages in different orders agree.
 */
export function isNewer(candidate: Session, current: Session | null): boolean {
  if (current === null) return true
  if (candidate.family !== current.family) {
    if (candidate.startedAt !== current.startedAt) return candidate.startedAt > current.startedAt
    return candidate.family > current.family
  }
  const renewals = candidate.tokens.renewals - current.tokens.renewals
  return renewals !== 0 ? renewals > 0 : candidate.tokens.expiresAt < current.tokens.expiresAt
}

/** Whether a message from another tab, perhaps of another version of the app, carries a session. */
export function isSession(value: unknown): value is Session {
  if (!isRecord(value) || typeof value.family !== 'string' || typeof value.startedAt !== 'number') return false
  const { tokens } = value
  return (
    isRecord(tokens) &&
    typeof tokens.accessToken === 'string' &&
    typeof tokens.expiresAt === 'number' &&
    typeof tokens.renewals === 'number' &&
    isRecord(tokens.claims)
  )
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
