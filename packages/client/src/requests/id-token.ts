import { encodeBase64url, type IdTokenClaims, ProtocolError } from '@latchkey/protocol'
import { readJwt } from '../jwt/json-web-signature.ts'
import type { ProviderConnection } from './provider-connection.ts'

/** How far the clocks may still be apart, in seconds. */
const toleranceSeconds = 30

/**
 * A further check of an ID token whose claims have passed.
 * @throws ProtocolError `id_token_invalid`, or a retryable one where it cannot be checked for now.
 */
export type IdTokenCheck = (connection: ProviderConnection, idToken: string) => Promise<void>

export interface ExpectedIdToken {
  /** The access token that came along. */
  readonly accessToken: string
  /** Of the sign-in; in a renewal the one of before, which may be missing from the renewed token. */
  readonly nonce?: string | undefined
  /** The claims of the ID token that this one renews. */
  readonly before?: IdTokenClaims | null
  readonly maxAgeSeconds?: number | undefined
  readonly acrValues?: readonly string[] | undefined
}

/**
 * The claims of an ID token that came from the token endpoint, checked in full before anything is kept.
 * @throws ProtocolError `id_token_invalid`; `authentication_insufficient` when the person signed in too long ago or too weakly.
 * @spec OIDC Core §3.1.3.7, §3.1.3.8, §12.2
 */
export async function readIdToken(
  connection: ProviderConnection,
  idToken: string,
  expected: ExpectedIdToken,
): Promise<IdTokenClaims> {
  const jwt = readJwt(idToken)
  if (jwt === null) throw invalid('it is no signed JWT')
  const claims = jwt.payload as unknown as IdTokenClaims
  const { alg } = jwt.header
  const server = await connection.metadata()
  const algorithms = server.id_token_signing_alg_values_supported ?? ['RS256']
  if (typeof alg !== 'string' || alg === 'none' || !algorithms.includes(alg)) {
    throw invalid('it is signed with an algorithm that the provider does not name')
  }
  if (typeof claims.iat === 'number') connection.hearTime(claims.iat)
  const problem = claimProblem(claims, {
    ...expected,
    clientId: connection.clientId,
    issuer: server.issuer,
    now: connection.now(),
  })
  if (problem !== null) throw invalid(problem)
  if (claims.at_hash !== undefined && claims.at_hash !== (await accessTokenHash(alg, expected.accessToken))) {
    throw invalid('it belongs to another access token (at_hash)')
  }
  refuseWeakSignIn(claims, expected, connection.now())
  await connection.checkIdToken?.(connection, idToken)
  return claims
}

interface Expected extends ExpectedIdToken {
  readonly clientId: string
  readonly issuer: string
  readonly now: number
}

function claimProblem(claims: IdTokenClaims, expected: Expected): string | null {
  const { iss, sub, aud, azp, exp, iat, nonce } = claims
  const { clientId, now, before } = expected
  const audiences = [aud].flat()
  if (iss !== expected.issuer) return 'it comes from another issuer (iss)'
  if (typeof sub !== 'string' || sub === '') return 'it names nobody (sub)'
  if (!audiences.includes(clientId)) return 'it is for another client (aud)'
  if (azp === undefined ? audiences.length > 1 : azp !== clientId) return 'it was issued to another client (azp)'
  if (typeof exp !== 'number' || exp + toleranceSeconds <= now) return 'it has expired (exp)'
  if (typeof iat !== 'number') return 'it does not say when it was issued (iat)'
  if (typeof claims.nbf === 'number' && claims.nbf - toleranceSeconds > now) return 'it is not valid yet (nbf)'
  const expectedNonce = before == null || nonce === undefined ? undefined : before.nonce
  if (before == null && nonce !== expected.nonce) return 'it answers another sign-in (nonce)'
  if (expectedNonce !== undefined && nonce !== expectedNonce) return 'it answers another sign-in (nonce)'
  if (before != null && sub !== before.sub) return 'it names another person than before (sub)'
  return null
}

/** @spec OIDC Core §3.1.2.1 max_age, §5.5.1.1 acr; RFC 9470 §5 */
function refuseWeakSignIn(claims: IdTokenClaims, { maxAgeSeconds, acrValues }: ExpectedIdToken, now: number): void {
  const { auth_time: signedInAt, acr } = claims
  if (maxAgeSeconds !== undefined && !(Number(signedInAt) + maxAgeSeconds + toleranceSeconds >= now)) {
    throw insufficient(`the sign-in at the provider has to be at most ${maxAgeSeconds} seconds old (max_age)`)
  }
  if (acrValues !== undefined && acrValues.length > 0 && !acrValues.includes(String(acr))) {
    throw insufficient(`the sign-in has to reach one of ${acrValues.join(', ')} (acr_values)`)
  }
}

/** The left half of the access token's hash. @spec OIDC Core §3.1.3.6 */
async function accessTokenHash(alg: string, accessToken: string): Promise<string> {
  const bits = alg.startsWith('Ed') ? 512 : alg.slice(2)
  const digest = new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, new TextEncoder().encode(accessToken)))
  return encodeBase64url(digest.subarray(0, digest.length / 2))
}

function invalid(why: string): ProtocolError {
  return new ProtocolError('id_token_invalid', `the ID token is refused: ${why}`)
}

function insufficient(why: string): ProtocolError {
  return new ProtocolError('authentication_insufficient', why)
}
