import { type Form, OAuthError } from '@latchkey/protocol'
import { sha256 } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { Presentation } from './client-auth-method.ts'

/** A JWT by which a client says who it is, taken apart; nothing in it is trusted before its signature verifies. */
export interface ClientAssertion {
  readonly alg: string
  readonly kid: string | undefined
  readonly typ: unknown
  readonly claims: Readonly<Record<string, unknown>>
  /** What the signature is over. */
  readonly input: string
  /** In base64url. */
  readonly signature: string
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const longestAssertion = 16_384
const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** `client_assertion` in the body. @spec RFC 7521 §4.2; RFC 7523 §2.2 */
export const assertionPresentation: Presentation = {
  name: 'client_assertion',
  read(_request, form) {
    const jwt = form.get('client_assertion')
    const type = form.get('client_assertion_type')
    if (jwt === undefined && type === undefined) return null
    if (jwt === undefined) throw new OAuthError('invalid_client', 'client_assertion_type came without client_assertion')
    if (type !== assertionType) {
      throw new OAuthError('invalid_client', `client_assertion_type must be ${assertionType}`)
    }
    const assertion = readAssertion(jwt)
    const { iss, sub } = assertion.claims
    // @spec RFC 7523 §3: both are the client itself
    if (typeof iss !== 'string' || iss !== sub) {
      throw new OAuthError('invalid_client', 'iss and sub of the client assertion must both be the client_id')
    }
    checkNamed(form, iss)
    return [{ clientId: iss, assertion }]
  },
}

/** @spec RFC 7521 §4.2 */
function checkNamed(form: Form, clientId: string): void {
  const named = form.get('client_id')
  if (named !== undefined && named !== clientId) {
    throw new OAuthError('invalid_client', 'client_id in the body is not the client of the assertion')
  }
}

function readAssertion(jwt: string): ClientAssertion {
  if (jwt.length > longestAssertion || !compact.test(jwt)) throw unreadable()
  const [headerPart = '', payloadPart = '', signature = ''] = jwt.split('.')
  const header = parsePart(headerPart)
  const { alg, kid, typ } = header
  if (typeof alg !== 'string' || 'crit' in header) throw unreadable()
  const input = `${headerPart}.${payloadPart}`
  return { alg, kid: typeof kid === 'string' ? kid : undefined, typ, claims: parsePart(payloadPart), input, signature }
}

function parsePart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below, for both ways of being no object.
  }
  throw unreadable()
}

function unreadable(): OAuthError {
  return new OAuthError('invalid_client', 'the client_assertion cannot be read: it must be a signed compact JWT')
}

/** Seconds that clocks may differ. @spec FAPI 2.0 §5.3.2.1 */
const skewSeconds = 30
/** Seconds an assertion may last at most: its `jti` is remembered that long. Common client libraries sign for an hour. */
const longestLife = 3600

const types: readonly unknown[] = [undefined, 'JWT', 'jwt', 'client-authentication+jwt']

/**
 * What is wrong with the claims of an assertion whose signature verified, or null; then its `jti` is used up.
 * @spec RFC 7523 §3; OIDC Core §9; RFC 7523bis §4
 */
export async function refuteClaims(parts: Parts, assertion: ClientAssertion, request: Request): Promise<string | null> {
  const { typ, claims } = assertion
  const now = parts.runtime.now()
  const { sub, aud, exp, iat, nbf, jti } = claims
  if (!types.includes(typ)) return 'typ of the assertion is of another kind of JWT'
  if (!acceptsAudience(parts, aud, request)) return `aud of the assertion is not the issuer ${parts.issuer}`
  if (typeof exp !== 'number') return 'exp of the assertion is missing'
  if (exp <= now - skewSeconds) return 'the assertion is expired'
  if (exp > now + longestLife + skewSeconds) return `the assertion lasts longer than ${longestLife} s`
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + skewSeconds)) return 'iat lies in the future'
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + skewSeconds)) return 'nbf lies in the future'
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return 'jti must be a text of 1 to 256 characters'
  // @spec RFC 7523 §3: used once, at whichever node
  const key = `assertion:${sha256(`${String(sub)}\n${jti}`)}`
  const isFirst = await parts.store.replays.remember(key, Math.ceil(exp) + skewSeconds, now)
  return isFirst ? null : 'the assertion was used before'
}

/**
 * The issuer, best alone; the token endpoint and the endpoint that was called for clients that know it no better.
 * An assertion that is also for somebody else is refused: they could use it here. @spec RFC 7523bis §4; RFC 9126 §2
 */
function acceptsAudience(parts: Parts, aud: unknown, request: Request): boolean {
  const { token_endpoint: token, mtls_endpoint_aliases: aliases } = parts.metadata()
  if (parts.profile.assertionsForIssuerAlone === true) return aud === parts.issuer
  const path = new URL(request.url).pathname.slice(parts.basePath.length)
  const ours: unknown[] = [parts.issuer, token, parts.issuer + path, ...Object.values(aliases ?? {})]
  const named = Array.isArray(aud) ? aud : [aud]
  return named.length > 0 && named.every((value) => typeof value === 'string' && ours.includes(value))
}
