import { type Form, OAuthError } from '@latchkey/protocol'
import { type Claims, formOfClaims, parsedPart } from '../authorization/request-object.ts'
import type { AuthenticatedClient } from '../client-auth/client-auth-method.ts'
import { verifyClientJws } from '../client-keys/verify-client-jws.ts'
import { sha256 } from '../crypto.ts'
import { OutboundError } from '../outbound/outbound.ts'
import type { Parts } from '../parts.ts'
import { algsUnder } from '../profiles/profile.ts'

/** Seconds that the clocks of client and provider may differ. */
const leeway = 10
/** Seconds a signed request may last at most: its `jti` is remembered that long. */
const longestLife = 3600

/** What only proves the client may stand beside a signed request. @spec CIBA Core §7.1.1; RFC 7521 §4.2 */
const credentials: readonly string[] = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type']

/**
 * What counts of an authentication request: its form, or what is inside the signed one. A client that registered an
 * algorithm for it has to sign. @throws OAuthError `invalid_request`
 * @spec CIBA Core §7.1.1, §4
 */
export async function signedForm(parts: Parts, client: AuthenticatedClient, form: Form): Promise<Form> {
  const jwt = form.get('request')
  if (jwt === undefined) {
    if (client.metadata.backchannel_authentication_request_signing_alg === undefined) return form
    throw refused('is missing: this client registered to sign its requests')
  }
  const beside = form.names().find((name) => name !== 'request' && !credentials.includes(name))
  if (beside !== undefined) throw refused(`holds the parameters: leave "${beside.slice(0, 60)}" out beside it`)
  const claims = await verifiedClaims(parts, client, jwt)
  await checkClaims(parts, client, claims)
  return formOfClaims(claims)
}

async function verifiedClaims(parts: Parts, { metadata }: AuthenticatedClient, jwt: string): Promise<Claims> {
  const [header = '', payload = '', signature = '', ...more] = jwt.split('.')
  const [said, claims] = [parsedPart(header), parsedPart(payload)]
  if (said === null || claims === null || more.length > 0 || 'crit' in said) throw refused('is no signed JWT')
  const { backchannel_authentication_request_signing_alg: own } = metadata
  const alg = algsUnder(parts.profile).find((each) => each === said.alg && (own === undefined || each === own))
  if (alg === undefined) throw refused('is signed with an algorithm that the client did not register')
  const kid = typeof said.kid === 'string' ? said.kid : undefined
  try {
    const jws = { alg, kid, input: `${header}.${payload}`, signature }
    if (await verifyClientJws(parts.clientKeys, metadata, jws)) return claims
  } catch (cause) {
    if (!(cause instanceof OutboundError)) throw cause
    throw new OAuthError('invalid_request', 'the keys of this client cannot be fetched', {
      detail: cause.message,
      cause,
    })
  }
  throw refused('does not verify with the keys of this client')
}

/** All of them are needed, and the `jti` is used up. @spec CIBA Core §7.1.1 */
async function checkClaims({ issuer, runtime, store }: Parts, { metadata }: AuthenticatedClient, claims: Claims) {
  const { iss, aud, exp, iat, nbf, jti } = claims
  const now = runtime.now()
  if (iss !== metadata.client_id) throw refused('has another iss than the client')
  if (![aud].flat().includes(issuer)) throw refused(`has another aud than ${issuer}`)
  if (typeof exp !== 'number' || typeof iat !== 'number' || typeof nbf !== 'number')
    throw refused('misses exp, iat or nbf')
  if (exp <= now - leeway) throw refused('has expired')
  if (nbf > now + leeway || iat > now + leeway) throw refused('is not valid yet')
  if (exp - nbf > longestLife) throw refused(`lasts longer than ${longestLife} seconds`)
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) throw refused('misses jti')
  const key = `ciba request:${sha256(`${metadata.client_id}\n${jti}`)}`
  if (!(await store.replays.remember(key, Math.ceil(exp) + leeway, now))) throw refused('was used before')
}

function refused(what: string): OAuthError {
  return new OAuthError('invalid_request', `parameter "request" ${what}`)
}
