import type { TokenSet } from '@latchkey/client'
import type { TokenTarget } from './auth.ts'
import { scopes } from './scopes.ts'

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

/** One name for each API and scope, always with a space in it; empty for the configured ones. */
export function targetKey({ resource, scope }: TokenTarget, usual = ''): string {
  if ((resource ?? usual) === usual && scope === undefined) return ''
  return `${resource ?? usual} ${scopes(scope).sort().join(' ')}`
}

/** The token set of one target: its own access token, or an expired empty one, never that of another. */
export function tokensFor({ tokens, others = {} }: Session, key: string): TokenSet {
  return key ? { ...tokens, accessToken: '', issuedAt: 0, expiresAt: 0, scope: [], ...others[key] } : tokens
}

/** The session after a renewal for one target. */
export function withTokens(session: Session, key: string, renewed: TokenSet): Session {
  if (!key) return { ...session, tokens: renewed }
  const { accessToken, tokenType, issuedAt, expiresAt, scope, ...ofAll } = renewed
  return {
    ...session,
    tokens: { ...session.tokens, ...ofAll },
    others: { ...session.others, [key]: { accessToken, tokenType, issuedAt, expiresAt, scope } },
  }
}

/**
 * Whether `candidate` replaces `current`: a later sign-in, a later renewal, or the same tokens known to be spent.
 * The order is total, so that tabs which hear messages in different orders agree.
 */
export function isNewer(candidate: Session, current: Session | null): boolean {
  if (!current) return true
  const [a, b] = [candidate.tokens, current.tokens]
  if (candidate.family === current.family) return (a.renewals - b.renewals || b.expiresAt - a.expiresAt) > 0
  return (candidate.startedAt - current.startedAt || (candidate.family > current.family ? 1 : -1)) > 0
}

/** Whether what was stored, perhaps by another version of the app, is a session. */
export function isSession(value: unknown): value is Session {
  const { family, startedAt, tokens } = Object(value)
  const { accessToken, claims, expiresAt, renewals } = Object(tokens)
  const areTexts = typeof family === 'string' && typeof accessToken === 'string'
  return areTexts && claims instanceof Object && [startedAt, expiresAt, renewals].every(Number.isFinite)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
