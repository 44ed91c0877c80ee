import { type AccessTokenClaims, OAuthError } from '@latchkey/protocol'
import { shown } from './shown.ts'

export interface ExpectedClaims {
  readonly profile: 'rfc9068' | 'loose'
  readonly issuer: string
  readonly audiences: ReadonlySet<string>
  /** Epoch seconds. */
  readonly now: number
  /** Seconds that `exp` may lie back. */
  readonly expiryToleranceSeconds: number
  /** Seconds that `iat` and `nbf` may lie ahead. */
  readonly futureToleranceSeconds: number
}

/**
 * The payload as claims, once every claim that an access token must have is there and fits.
 * @throws OAuthError `invalid_token`
 * @spec RFC 9068 §2.2, §4; RFC 7519 §4.1
 */
export function checkClaims(payload: Readonly<Record<string, unknown>>, expected: ExpectedClaims): AccessTokenClaims {
  const { iss, aud, exp, iat, nbf } = payload
  if (iss !== expected.issuer) throw invalid('the access token is from another issuer', `iss is ${shown(iss)}`)
  const audiences = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? (aud as unknown[]) : []
  if (!audiences.some((name) => typeof name === 'string' && expected.audiences.has(name))) {
    const detail = `aud is ${shown(aud)}; accepted: ${[...expected.audiences].join(', ')}`
    throw invalid('the access token is for another audience', detail)
  }
  if (!isInstant(exp)) throw invalid('the access token has no expiry', `exp is ${shown(exp)}`)
  if (exp + expected.expiryToleranceSeconds <= expected.now) {
    throw invalid('the access token expired', `exp is ${exp}, now is ${expected.now}`)
  }
  const latest = expected.now + expected.futureToleranceSeconds
  if (nbf !== undefined && (!isInstant(nbf) || nbf > latest)) {
    throw invalid('the access token is not valid yet', `nbf is ${shown(nbf)}, now is ${expected.now}`)
  }
  if (!isInstant(iat) || iat > latest) {
    throw invalid('the access token was issued in the future', `iat is ${shown(iat)}, now is ${expected.now}`)
  }
  requireTexts(payload, expected)
  if (expected.profile === 'loose') refuseIdToken(payload)
  if (payload.scope !== undefined && typeof payload.scope !== 'string') {
    throw invalid('the access token has a malformed claim', `scope is ${shown(payload.scope)}`)
  }
  return payload as unknown as AccessTokenClaims
}

/**
 * What introspection says of an active token as claims; the provider has judged it, the audience is ours to judge.
 * @throws OAuthError `invalid_token`
 * @spec RFC 7662 §2.2, §4
 */
export function checkIntrospected(
  answer: Readonly<Record<string, unknown>>,
  expected: ExpectedClaims,
): AccessTokenClaims {
  const { iat = 0, exp = Number.MAX_SAFE_INTEGER, jti = '', sub = answer.client_id } = answer
  return checkClaims({ ...answer, iat, exp, jti, sub }, { ...expected, profile: 'loose' })
}

function requireTexts(payload: Readonly<Record<string, unknown>>, { profile }: ExpectedClaims): void {
  const needed = profile === 'loose' ? ['sub'] : ['sub', 'client_id', 'jti']
  for (const name of ['sub', 'client_id', 'jti', 'sid']) {
    const value = payload[name]
    if (value === undefined && !needed.includes(name)) continue
    if (typeof value === 'string' && (value !== '' || !needed.includes(name))) continue
    throw invalid('the access token lacks a claim', `${name} is ${shown(value)}`)
  }
}

/** Without its type an ID token is known by what only it has. @spec OIDC Core §2, §3.1.3.6 */
function refuseIdToken(payload: Readonly<Record<string, unknown>>): void {
  const mark = ['nonce', 'at_hash', 'c_hash', 's_hash'].find((name) => name in payload)
  if (mark === undefined && !('events' in payload)) return
  throw invalid('the token is not an access token that this API accepts', `it has ${mark ?? 'events'}`)
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function invalid(description: string, detail: string): OAuthError {
  return new OAuthError('invalid_token', description, { detail })
}
