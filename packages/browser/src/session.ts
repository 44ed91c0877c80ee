import type { TokenSet } from '@latchkey/client'
import type { TokenTarget } from './auth.ts'

type AccessToken = Pick<TokenSet, 'accessToken' | 'tokenType' | 'issuedAt' | 'expiresAt' | 'scope'>

/** One sign-in and the tokens it has now; every tab of a configuration shares one. */
export interface Session {
  /** Names the sign-in; renewals keep it. Not a secret. */
  readonly family: string
  /** Epoch seconds of the sign-in. */
  readonly startedAt: number
  /** With the access token of the configured API. */
  readonly tokens: TokenSet
  /** Access tokens for other targets, by `targetKey`. */
  readonly others?: Readonly<Record<string, AccessToken>>
}

/** Why a session ended, as the tab that ended it says. */
export type EndReason = 'expired' | 'revoked' | 'signed-out' | 'signed-out-elsewhere'

/** One name for each API and scope; empty for the configured ones. */
export function targetKey({ resource, scope }: TokenTarget, usual: string | undefined): string {
  if ((resource === undefined || resource === usual) && scope === undefined) return ''
  return `${resource ?? usual ?? ''} ${[...new Set(scope?.split(' '))].sort().join(' ')}`
}

/** The token set of one target: its own access token, or an expired empty one, never that of another. */
export function tokensFor({ tokens, others = {} }: Session, key: string): TokenSet {
  if (key === '') return tokens
  const none = { accessToken: '', issuedAt: 0, expiresAt: 0, scope: [] }
  return { ...tokens, ...(Object.hasOwn(others, key) ? others[key] : none) }
}

/** The session after a renewal for one target; what has expired of the others is left behind. */
export function withTokens(session: Session, key: string, renewed: TokenSet): Session {
  if (key === '') return { ...session, tokens: renewed }
  const { accessToken, tokenType, issuedAt, expiresAt, scope } = renewed
  const { refreshToken, idToken, claims, renewals } = renewed
  const living = Object.entries(session.others ?? {}).filter(([, other]) => other.expiresAt > issuedAt)
  return {
    ...session,
    tokens: { ...session.tokens, refreshToken, idToken, claims, renewals },
    others: { ...Object.fromEntries(living), [key]: { accessToken, tokenType, issuedAt, expiresAt, scope } },
  }
}

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
