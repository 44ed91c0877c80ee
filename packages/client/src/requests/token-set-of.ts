import { type IdTokenClaims, ProtocolError } from '@latchkey/protocol'
import type { TokenSet } from '../token-set.ts'

/** Lifetime assumed where the provider names none, in seconds. @spec RFC 6749 §5.1 expires_in */
const assumedLifetimeSeconds = 300

/** The wire form of a token endpoint's answer, its members checked. @spec RFC 6749 §5.1 */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  readonly expires_in: number | undefined
  readonly refresh_token: string | undefined
  readonly id_token: string | undefined
  readonly scope: string | undefined
}

/** @throws ProtocolError `response_invalid`, naming the member. */
export function tokenAnswer(answer: Readonly<Record<string, unknown>>, failure: string): TokenAnswer {
  const wrong = (member: string) =>
    new ProtocolError('response_invalid', `${failure}: the answer's ${member} is not usable`)
  const text = (member: string) => {
    const value = answer[member] ?? undefined
    if (value !== undefined && (typeof value !== 'string' || (value === '' && member !== 'scope'))) throw wrong(member)
    return value
  }
  const lifetime = answer.expires_in == null ? undefined : Number(answer.expires_in)
  if (lifetime !== undefined && !(lifetime >= 0)) throw wrong('expires_in')
  const kind = text('token_type')?.toLowerCase()
  if (kind !== 'bearer' && kind !== 'dpop') throw wrong('token_type')
  const accessToken = text('access_token')
  if (accessToken === undefined) throw wrong('access_token')
  return {
    access_token: accessToken,
    token_type: kind === 'dpop' ? 'DPoP' : 'Bearer',
    expires_in: lifetime,
    refresh_token: text('refresh_token'),
    id_token: text('id_token'),
    scope: text('scope'),
  }
}

export interface HeldBefore {
  readonly now: number
  /** The checked claims of the answer's ID token, where it has one. */
  readonly claims: IdTokenClaims | null
  readonly before: TokenSet | null
}

/**
 * What a token response means for its holder. What a renewal leaves out stays as it was: the refresh token,
 * the ID token, the scope. @spec RFC 6749 §6; OIDC Core §12.2
 */
export function tokenSet(answer: TokenAnswer, { now, claims, before }: HeldBefore): TokenSet {
  return {
    accessToken: answer.access_token,
    tokenType: answer.token_type,
    issuedAt: now,
    expiresAt: now + (answer.expires_in ?? assumedLifetimeSeconds),
    scope: answer.scope === undefined ? (before?.scope ?? []) : answer.scope.split(' ').filter((value) => value !== ''),
    refreshToken: answer.refresh_token ?? before?.refreshToken ?? null,
    idToken: (claims === null ? undefined : answer.id_token) ?? before?.idToken ?? null,
    claims: claims ?? before?.claims ?? null,
    renewals: before === null ? 0 : before.renewals + 1,
  }
}
