import type { IdTokenClaims } from '@latchkey/protocol'
import { hash } from '../encoding.ts'
import { readJwt } from '../jwt/json-web-signature.ts'
import { insist } from './answer.ts'
import type { ProviderConnection } from './provider-connection.ts'

/**
 * A further check of an ID token whose claims have passed.
 * @throws ProtocolError `id_token_invalid`, or a retryable one where it cannot be checked for now.
 */
export type IdTokenCheck = (connection: ProviderConnection, idToken: string) => Promise<void>

/** What was asked of a sign-in. */
export interface ExpectedSignIn {
  readonly nonce?: string | undefined
  readonly maxAgeSeconds?: number | null | undefined
  readonly acrValues?: readonly string[] | undefined
}

export interface ExpectedIdToken extends ExpectedSignIn {
  /** The access token that came along. */
  readonly accessToken: string
  /** The claims of the ID token that this one renews. */
  readonly before: IdTokenClaims | null
}

/**
 * The claims of an ID token that came from the token endpoint, checked in full before anything is kept.
 * @throws ProtocolError `id_token_invalid`; `authentication_insufficient` when the person signed in too long ago or too weakly.
 * @spec OIDC Core §3.1.2.1, §3.1.3.6 to §3.1.3.8, §12.2; RFC 9470 §5
 */
export async function readIdToken(
  connection: ProviderConnection,
  idToken: string,
  expected: ExpectedIdToken,
): Promise<IdTokenClaims> {
  /** How far the clocks may still be apart, in seconds. */
  const toleranceSeconds = 30
  const where = 'ID token'
  const { before, maxAgeSeconds, acrValues } = expected
  const { header, payload } = readJwt(idToken)
  const { alg } = header as { alg: string }
  const claims = payload as unknown as IdTokenClaims
  const { issuer, id_token_signing_alg_values_supported: algorithms } = await connection.metadata()
  connection.hearTime(claims.iat)
  const { clientId } = connection
  const audiences = [claims.aud].flat()
  const now = connection.now() - toleranceSeconds
  const bits = Number(/256|384|512/.exec(alg)?.[0] ?? 512)
  insist('id_token_invalid', where, {
    alg: alg !== 'none' && (algorithms ?? ['RS256']).includes(alg),
    iss: claims.iss === issuer,
    sub: claims.sub && typeof claims.sub === 'string' && claims.sub === (before ?? claims).sub,
    aud: audiences.includes(clientId),
    azp: claims.azp === clientId || (claims.azp === undefined && audiences.length === 1),
    iat: Number.isFinite(claims.iat),
    exp: Number.isFinite(claims.exp) && claims.exp > now,
    nbf: !((claims.nbf as number) > now + 2 * toleranceSeconds),
    nonce: before ? !claims.nonce || !before.nonce || claims.nonce === before.nonce : claims.nonce === expected.nonce,
    at_hash: [undefined, await hash(expected.accessToken, bits, bits / 16)].includes(claims.at_hash),
  })
  insist('authentication_insufficient', where, {
    auth_time: maxAgeSeconds == null || Number(claims.auth_time) + maxAgeSeconds >= now,
    acr: !acrValues?.length || acrValues.includes(claims.acr as string),
  })
  await connection.checkIdToken?.(connection, idToken)
  return claims
}
