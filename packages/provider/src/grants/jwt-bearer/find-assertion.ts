import { type SigningAlg, signingAlgs } from '@latchkey/protocol'
import { verifyClientJws } from '../../client-keys/verify-client-jws.ts'
import type { RegisteredClient } from '../../config.ts'
import { OutboundError } from '../../outbound/outbound.ts'
import type { Parts } from '../../parts.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'

/** An assertion of a trusted issuer, valid now. */
export interface FoundAssertion {
  readonly issuer: string
  readonly trusted: TrustedIssuer
  /** The person here. */
  readonly sub: string
  /** Epoch seconds. */
  readonly expiresAt: number
  readonly jti: string | null
  readonly claims: Readonly<Record<string, unknown>>
}

export interface AssertionProblem {
  /** For the client's developer. */
  readonly problem: string
  readonly detail?: string
}

/** Seconds that clocks may differ. */
const skewSeconds = 30
/** Seconds an assertion may last at most: its `jti` is remembered that long. @spec RFC 7523 §3 */
const longestLife = 3600
const longestAssertion = 16_384
const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** What an assertion says, or what is wrong with it. @spec RFC 7523 §3 */
export async function findAssertion(
  parts: Parts,
  jwt: string,
  { metadata }: RegisteredClient,
): Promise<FoundAssertion | AssertionProblem> {
  const read = readJws(jwt)
  if (read === null) return { problem: 'the assertion is no signed compact JWT' }
  const { claims } = read
  const trusted = parts.trustedIssuers.find(({ issuer }) => issuer === claims.iss)
  if (trusted === undefined || (trusted.clients !== undefined && !trusted.clients.includes(metadata.client_id))) {
    return { problem: 'iss of the assertion is nobody this server trusts for this client' }
  }
  const unsigned = await refuteSignature(parts, trusted, read)
  if (unsigned !== null) return unsigned
  const problem = refuteClaims(parts, claims)
  if (problem !== null) return { problem }
  const sub = await findSub(parts, trusted, claims)
  if (sub === null) return { problem: 'the assertion speaks of nobody this server knows' }
  const jti = typeof claims.jti === 'string' ? claims.jti : null
  return { issuer: trusted.issuer, trusted, sub, expiresAt: Number(claims.exp), jti, claims }
}

interface ReadJws {
  readonly alg: SigningAlg
  readonly kid: string | undefined
  readonly claims: Readonly<Record<string, unknown>>
  readonly input: string
  readonly signature: string
}

function readJws(jwt: string): ReadJws | null {
  if (jwt.length > longestAssertion || !compact.test(jwt)) return null
  const [headerPart = '', payloadPart = '', signature = ''] = jwt.split('.')
  const [header, claims] = [objectOf(headerPart), objectOf(payloadPart)]
  const alg = signingAlgs.find((each) => each === header?.alg)
  if (header === null || claims === null || alg === undefined || 'crit' in header) return null
  const kid = typeof header.kid === 'string' ? header.kid : undefined
  return { alg, kid, claims, input: `${headerPart}.${payloadPart}`, signature }
}

function objectOf(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

async function refuteSignature(parts: Parts, trusted: TrustedIssuer, jws: ReadJws): Promise<AssertionProblem | null> {
  try {
    if (await verifyClientJws(parts.clientKeys, trusted, jws)) return null
    return { problem: 'no key of its issuer made the signature of the assertion' }
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return { problem: 'the keys of its issuer cannot be had now', detail: error.message }
  }
}

/** @spec RFC 7523 §3 */
function refuteClaims(
  parts: Parts,
  { aud, exp, nbf, iat, sub, jti }: Readonly<Record<string, unknown>>,
): string | null {
  const now = parts.runtime.now()
  const ours: unknown[] = [parts.issuer, parts.metadata().token_endpoint]
  if (![aud].flat().some((value) => ours.includes(value))) return `aud of the assertion must be ${parts.issuer}`
  if (typeof sub !== 'string' || sub === '') return 'sub of the assertion is missing'
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return 'exp of the assertion is missing'
  if (exp <= now - skewSeconds) return 'the assertion is expired'
  if (exp > now + longestLife + skewSeconds) return `the assertion lasts longer than ${longestLife} s`
  if (iat !== undefined && (typeof iat !== 'number' || iat > now + skewSeconds)) return 'iat lies in the future'
  if (nbf !== undefined && (typeof nbf !== 'number' || nbf > now + skewSeconds)) return 'nbf lies in the future'
  if (jti !== undefined && (typeof jti !== 'string' || jti === '')) return 'jti must be a text'
  return null
}

/** The `sub` here, of a person who has an account. */
async function findSub(
  parts: Parts,
  { subject_claim: name = 'sub', findSub: find }: TrustedIssuer,
  claims: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  const sub = find === undefined ? claims[name] : await find(claims)
  if (typeof sub !== 'string' || sub === '') return null
  return (await parts.accounts.find(sub)) === null ? null : sub
}
