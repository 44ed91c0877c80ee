import type { IdTokenClaims, SigningAlg } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'
import { addedClaims } from '../claims/claim-hooks.ts'
import { personClaims } from '../claims/person-claims.ts'
import type { Claims } from '../claims/scope-claims.ts'
import { leftHalfHash } from '../crypto.ts'
import { encryptResponse, wantsEncrypted } from '../encryption/encrypt-response.ts'
import type { TokenBasis } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'

/** What travels beside the ID token, and what it therefore holds a hash of. */
interface Bound {
  readonly accessToken?: string | undefined
  readonly code?: string | undefined
  readonly state?: string | undefined
}

type About = { readonly account: Account; readonly now: number } & Bound

/**
 * An ID token for the client that asked, in the algorithm it registered, and encrypted where it registered that.
 * @throws OAuthError when the client's key cannot be had @spec OIDC Core §2, §3.1.3.6
 */
export async function createIdToken(parts: Parts, basis: TokenBasis, about: About): Promise<string> {
  const { client, grounds, nonce } = basis
  const { metadata } = client
  const alg = metadata.id_token_signed_response_alg
  const further = furtherClaims(parts, basis, about)
  const claims: IdTokenClaims = {
    ...(further instanceof Promise ? await further : further),
    iss: parts.issuer,
    sub: parts.subjects.of(metadata, grounds.sub),
    ...parts.subjects.beside(metadata, grounds.sub),
    aud: grounds.clientId,
    exp: about.now + parts.lifetimes.id_token,
    iat: about.now,
    ...hashes(alg, about),
    ...(grounds.authTime === null ? {} : { auth_time: grounds.authTime }),
    ...(nonce === null ? {} : { nonce }),
    ...(grounds.acr === null ? {} : { acr: grounds.acr }),
    ...(grounds.amr.length === 0 ? {} : { amr: grounds.amr }),
    ...(grounds.sid === null ? {} : { sid: grounds.sid }),
  }
  const making = parts.keys.ensure(alg)
  if (making !== undefined) await making
  const content = parts.keys.sign(alg, claims)
  if (!wantsEncrypted(metadata, 'id_token')) return content
  return encryptResponse(parts, metadata, { what: 'id_token', content, nested: true })
}

const none: Claims = {}

/** Most ID tokens have none: at once then. */
function furtherClaims(
  parts: Parts,
  basis: TokenBasis,
  { account, accessToken, code }: About,
): Claims | Promise<Claims> {
  const { client, grounds, scope } = basis
  // @spec OIDC Core §5.4: where an access token comes along, userinfo tells what scopes tell
  const isAlone = accessToken === undefined && code === undefined
  const told = client.metadata.scope_claims_in_id_token || isAlone ? scope : []
  const requested = grounds.claims?.id_token
  if (told.length === 0 && requested === undefined && parts.shape.idToken === undefined) return none
  const asked = { client: client.metadata, scope: told, requested, locales: grounds.claimsLocales }
  return claimsOf(parts, basis, { account, asked })
}

async function claimsOf(
  { claimsOfScopes, shape }: Parts,
  { client, grounds, scope, resource }: TokenBasis,
  { account, asked }: { account: Account; asked: Parameters<typeof personClaims>[2] },
): Promise<Claims> {
  const claims = await personClaims(claimsOfScopes, account, asked)
  const about = { sub: grounds.sub, client: client.metadata, scope, resource: resource?.identifier ?? null }
  return { ...addedClaims(shape.idToken, () => ({ ...about, accountClaims: account.claims })), ...claims }
}

/** @spec OIDC Core §3.1.3.6, §3.3.2.11; FAPI 1.0 Part 2 §5.1.1 */
function hashes(alg: SigningAlg, { accessToken, code, state }: Bound): Record<string, string> {
  return {
    ...(accessToken === undefined ? {} : { at_hash: leftHalfHash(alg, accessToken) }),
    ...(code === undefined ? {} : { c_hash: leftHalfHash(alg, code) }),
    ...(code === undefined || state === undefined ? {} : { s_hash: leftHalfHash(alg, state) }),
  }
}
