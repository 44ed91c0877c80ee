import { Form, OAuthError, type SigningAlg } from '@latchkey/protocol'
import { verifyClientJws } from '../client-keys/verify-client-jws.ts'
import type { RegisteredClient } from '../config.ts'
import { constantTimeEqual, sha256 } from '../crypto.ts'
import { OutboundError } from '../outbound/outbound.ts'
import type { Parts } from '../parts.ts'
import { algsUnder } from '../profiles/profile.ts'

/** Of a JWT that a client made. */
export type Claims = Readonly<Record<string, unknown>>
type Needed = Pick<Parts, 'clientKeys' | 'issuer' | 'profile' | 'runtime' | 'unsignedRequestObjects'>

/** `typ` of a request object; what OpenID Connect alone knows has `JWT` or nothing. @spec RFC 9101 §4, §10.8.1 */
const types: readonly unknown[] = [undefined, 'jwt', 'oauth-authz-req+jwt', 'application/oauth-authz-req+jwt']
/** Seconds that the clocks of client and provider may differ. */
const leeway = 10
/** Seconds. @spec FAPI 2.0 Message Signing §5.3.1 */
const longestLife = 3600

/**
 * The parameters inside a request object, and none from beside it.
 * @throws OAuthError `invalid_request_object`; `request_not_supported` for one that is encrypted, or has no signature
 * where that is not switched on
 * @spec RFC 9101 §6.2, §6.3; OIDC Core §6.1
 */
export async function readRequestObject(
  parts: Needed,
  client: RegisteredClient,
  { object, wire }: { object: string; wire: Form },
): Promise<Form> {
  const claims = await verifiedClaims(parts, client, object)
  checkClaims(parts, client, claims)
  // @spec RFC 9101 §5, §6.3
  if (claims.client_id !== wire.get('client_id'))
    throw refused('has another client_id than the request it stands in, or none')
  return formOfClaims(claims)
}

async function verifiedClaims(parts: Needed, client: RegisteredClient, object: string): Promise<Claims> {
  const [header = '', payload = '', signature = '', ...more] = object.split('.')
  if (more.length === 2)
    throw new OAuthError(
      'request_not_supported',
      'encrypted request objects are not supported: push the request instead',
    )
  const said = parsedPart(header)
  const claims = parsedPart(payload)
  if (said === null || claims === null || more.length > 0) throw refused('is no JWT')
  if (!types.includes(typeof said.typ === 'string' ? said.typ.toLowerCase() : said.typ))
    throw refused('has a wrong typ')
  if ('crit' in said) throw refused('has crit in its header, and no extension is understood here')
  if (said.alg === 'none') {
    checkUnsigned(parts, client, signature)
    return claims
  }
  const alg = checkedAlg(parts, client, said.alg)
  const kid = typeof said.kid === 'string' ? said.kid : undefined
  const jws = { alg, kid, input: `${header}.${payload}`, signature }
  if (!(await verifies(parts, client, jws))) throw refused('does not verify with the keys of this client')
  return claims
}

/**
 * Where signing is the client's duty its object is at fault. Elsewhere one without a signature proves nothing that the
 * query would not: it is taken where the operator says so. @spec RFC 9101 §10.1, §10.5; OIDC Core §6.1
 */
function checkUnsigned({ unsignedRequestObjects }: Needed, { metadata }: RegisteredClient, signature: string): void {
  const { require_signed_request_object: required, request_object_signing_alg: alg } = metadata
  if (required || alg !== undefined || (unsignedRequestObjects && signature !== '')) throw refused('is not signed')
  if (!unsignedRequestObjects)
    throw new OAuthError('request_not_supported', 'unsigned request objects are not supported')
}

/** The client's registered algorithm, or any that is asymmetric. @spec RFC 8725 §3.1; OIDC Registration §2 */
function checkedAlg({ profile }: Needed, { metadata }: RegisteredClient, alg: unknown): SigningAlg {
  const { request_object_signing_alg: own } = metadata
  const algs = algsUnder(profile).filter((each) => own === undefined || each === own)
  const known = algs.find((each) => each === alg)
  if (known === undefined) throw refused(`must be signed with ${own ?? `one of ${algs.join(', ')}`}`)
  return known
}

async function verifies(
  { clientKeys }: Needed,
  { metadata }: RegisteredClient,
  jws: Parameters<typeof verifyClientJws>[2],
): Promise<boolean> {
  try {
    return await verifyClientJws(clientKeys, metadata, jws)
  } catch (cause) {
    if (!(cause instanceof OutboundError)) throw cause
    throw new OAuthError('invalid_request_object', 'the keys of this client cannot be fetched', {
      detail: cause.message,
      cause,
    })
  }
}

/** @spec RFC 9101 §4, §10.8; RFC 7519 §4.1; FAPI 2.0 Message Signing §5.3.1 */
function checkClaims(
  { issuer, runtime }: Pick<Needed, 'issuer' | 'runtime'>,
  { metadata }: RegisteredClient,
  claims: Claims,
): void {
  const { iss, aud, exp, nbf, sub } = claims
  const now = runtime.now()
  if (iss !== undefined && iss !== metadata.client_id) throw refused('has another iss than the client')
  if (aud !== undefined && ![aud].flat().includes(issuer)) throw refused(`has another aud than ${issuer}`)
  if (exp !== undefined && !(typeof exp === 'number' && exp > now - leeway)) throw refused('has expired')
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf < now + leeway)) throw refused('is not valid yet')
  // A JWT that authenticates the client must not pass as its request.
  if (sub !== undefined && sub === metadata.client_id) throw refused('must not have the client as sub')
  if ('request' in claims || 'request_uri' in claims) throw refused('must not hold another request object')
  if (!metadata.require_signed_request_object) return
  if (aud === undefined) throw refused('misses aud')
  if (typeof exp !== 'number' || typeof nbf !== 'number') throw refused('misses exp or nbf')
  if (nbf < now - longestLife || exp - nbf > longestLife)
    throw refused(`must have an nbf of the last ${longestLife} seconds and last no longer than that`)
}

const ownClaims = new Set(['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub'])

/** As the query would have carried it: JSON values as text, lists of resources one by one. @spec RFC 9101 §4 */
export function formOfClaims(claims: Claims): Form {
  const values: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(claims)) {
    if (ownClaims.has(name) || value === null || value === '') continue
    if (typeof value === 'string') values[name] = value
    else if ((name === 'resource' || name === 'audience') && Array.isArray(value)) values[name] = textsOf(value, name)
    else values[name] = JSON.stringify(value)
  }
  return Form.of(values)
}

function textsOf(list: readonly unknown[], name: string): readonly string[] {
  const texts = list.filter((item) => typeof item === 'string' && item !== '')
  if (texts.length < list.length) throw refused(`has a ${name} that is no string`)
  return texts as readonly string[]
}

/**
 * The request object at an address that the client registered.
 * @throws OAuthError `invalid_request_uri`
 * @spec RFC 9101 §5.2, §10.4.1; OIDC Core §6.2
 */
export async function fetchRequestObject(
  { outbound }: Pick<Parts, 'outbound'>,
  { metadata }: RegisteredClient,
  uri: string,
): Promise<string> {
  const [address = '', wanted] = uri.split('#')
  if (!metadata.request_uris.some((registered) => registered === uri || registered === address))
    throw new OAuthError('invalid_request_uri', 'this request_uri is not registered for the client')
  let body: string
  try {
    const answer = await outbound.send(address)
    if (answer.status !== 200) throw new OutboundError('unreachable', `it answered with status ${answer.status}`)
    body = answer.body.trim()
  } catch (cause) {
    if (!(cause instanceof OutboundError)) throw cause
    const detail = cause.message
    throw new OAuthError('invalid_request_uri', 'the request_uri could not be fetched', { detail, cause })
  }
  // @spec OIDC Core §6.2: the fragment is the hash of the content
  if (wanted !== undefined && !constantTimeEqual(sha256(body), wanted))
    throw new OAuthError('invalid_request_uri', 'what stands at the request_uri is not what its hash says')
  return body
}

/** The JSON object in one part of a JWT, or null. */
export function parsedPart(part: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : null
  } catch {
    return null
  }
}

function refused(what: string): OAuthError {
  return new OAuthError('invalid_request_object', `the request object ${what}`)
}
