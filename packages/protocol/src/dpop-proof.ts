import { decodeBase64url } from './base64url.ts'
import { OAuthError } from './oauth-error.ts'

/** A DPoP proof taken apart; nothing in it is trusted before its signature verifies under `header.jwk`. @spec RFC 9449 §4.2 */
export interface DpopProof {
  readonly header: {
    readonly typ: string
    readonly alg: string
    readonly jwk: Readonly<Record<string, unknown>>
  }
  readonly payload: {
    readonly jti: string
    readonly htm: string
    readonly htu: string
    readonly iat: number
    readonly ath?: string
    readonly nonce?: string
  }
  /** What the signature is over. */
  readonly signingInput: string
  /** In base64url. */
  readonly signature: string
}

export interface ExpectedDpopProof {
  readonly method: string
  /** The address the request went to; query and fragment do not count. */
  readonly url: string
  /** Epoch seconds. */
  readonly now: number
  /** How old a proof may be, in seconds. */
  readonly maxAgeSeconds: number
  /** How far ahead the client's clock may be, in seconds. */
  readonly futureSeconds: number
  /** SHA-256 of the access token in base64url, where one comes with the proof. */
  readonly ath?: string
}

export const dpopProofType = 'dpop+jwt'
const longestProof = 8192
const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/**
 * Reads the `DPoP` header. The signature is the caller's to verify, with the algorithm of its own list.
 * @throws OAuthError `invalid_dpop_proof`
 * @spec RFC 9449 §4.3
 */
export function readDpopProof(text: string, algorithms: ReadonlySet<string>): DpopProof {
  if (text.length > longestProof) throw invalid(`it is longer than ${longestProof} characters`)
  if (!compact.test(text)) throw invalid('it is no single compact JWT')
  const [headerPart = '', payloadPart = '', signature = ''] = text.split('.')
  const header = parsePart(headerPart)
  const payload = parsePart(payloadPart)
  if (header.typ !== dpopProofType) throw invalid(`its typ is not "${dpopProofType}"`)
  if (typeof header.alg !== 'string' || !algorithms.has(header.alg)) {
    throw invalid(`its alg is not accepted; accepted: ${[...algorithms].join(', ')}`)
  }
  if ('crit' in header) throw invalid('its header has crit, and no extension is understood here')
  const { jwk } = header
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) throw invalid('its header has no jwk')
  for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']) {
    if (member in jwk) throw invalid('its jwk has private members: never send a private key')
  }
  const { jti, htm, htu, iat, ath, nonce } = payload
  if (typeof jti !== 'string' || jti === '' || jti.length > 256)
    throw invalid('jti must be a text of 1 to 256 characters')
  if (typeof htm !== 'string') throw invalid('htm is missing')
  if (typeof htu !== 'string') throw invalid('htu is missing')
  if (typeof iat !== 'number' || !Number.isFinite(iat)) throw invalid('iat is missing')
  if (ath !== undefined && typeof ath !== 'string') throw invalid('ath is no text')
  if (nonce !== undefined && typeof nonce !== 'string') throw invalid('nonce is no text')
  return {
    header: header as unknown as DpopProof['header'],
    payload: payload as unknown as DpopProof['payload'],
    signingInput: `${headerPart}.${payloadPart}`,
    signature,
  }
}

/**
 * Holds a proof against the request that it came with.
 * @throws OAuthError `invalid_dpop_proof`
 * @spec RFC 9449 §4.3
 */
export function checkDpopProof({ payload }: DpopProof, expected: ExpectedDpopProof): void {
  if (payload.htm !== expected.method) throw invalid('htm is not the method of this request')
  const address = comparableUrl(payload.htu)
  if (address === null || address !== comparableUrl(expected.url))
    throw invalid('htu is not the address of this request')
  if (payload.iat > expected.now + expected.futureSeconds) throw invalid('iat lies in the future')
  if (payload.iat < expected.now - expected.maxAgeSeconds) throw invalid('it is too old')
  if (expected.ath === undefined) return
  if (payload.ath === undefined) throw invalid('ath is missing')
  if (payload.ath !== expected.ath) throw invalid('ath is of another access token')
}

/** The text whose SHA-256 in base64url is the key's thumbprint, or null for a key of no known type. @spec RFC 7638 §3 */
export function jwkThumbprintInput(jwk: Readonly<Record<string, unknown>>): string | null {
  const { kty, crv, x, y, n, e } = jwk
  const members =
    kty === 'EC' ? { crv, kty, x, y } : kty === 'RSA' ? { e, kty, n } : kty === 'OKP' ? { crv, kty, x } : null
  if (members === null || Object.values(members).some((value) => typeof value !== 'string')) return null
  return JSON.stringify(members)
}

/** Normalized, without query and fragment; null for what is no URL. @spec RFC 9449 §4.3; RFC 3986 §6.2.2, §6.2.3 */
function comparableUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { origin, pathname } = new URL(text)
  const decoded = pathname.replace(/%[0-9a-f]{2}/gi, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : octet.toUpperCase()
  })
  return origin + decoded
}

function parsePart(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(decodeBase64url(part) ?? undefined))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below, for both ways of being no object.
  }
  throw invalid('its header or payload is no JSON object')
}

function invalid(why: string): OAuthError {
  return new OAuthError('invalid_dpop_proof', `the DPoP proof cannot be accepted: ${why}`)
}
