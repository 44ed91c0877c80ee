import {
  decodeBase64url,
  OAuthError,
  ProtocolError,
  readStatusListClaims,
  type StatusListClaims,
  statusListType,
} from '@latchkey/protocol'
import { readCompactJwt, requireAlgorithm } from '../compact-jwt.ts'
import { findSigningKey } from '../find-key.ts'
import type { KeySource } from '../key-source.ts'

/** A list that was verified and unpacked. Instants are epoch seconds. */
export interface StatusList {
  readonly bits: number
  readonly bytes: Uint8Array
  readonly iat: number
  readonly exp: number
  readonly ttl: number | undefined
}

interface Expected {
  readonly uri: string
  readonly keySource: KeySource
  readonly algorithms: ReadonlySet<string>
  readonly largestList: number
  /** Epoch seconds. */
  readonly now: number
}

const types = new Set([statusListType])
const futureSeconds = 5

/**
 * The list in a status list token, once the token is the issuer's, for this address, and in time.
 * @throws ProtocolError `response_invalid`: whose token was to be judged is not at fault
 * @spec Token Status List §5.1, §8.3
 */
export async function readStatusList(text: string, expected: Expected): Promise<StatusList> {
  const claims = await verifiedClaims(text, expected)
  const { bits, lst } = claims.status_list
  const packed = decodeBase64url(lst)
  const bytes = packed === null ? null : await inflate(packed, expected.largestList)
  if (bytes === null) throw wrong(expected, 'cannot be unpacked')
  return { bits, bytes, iat: claims.iat, exp: claims.exp ?? Number.POSITIVE_INFINITY, ttl: claims.ttl }
}

async function verifiedClaims(text: string, expected: Expected): Promise<StatusListClaims> {
  const { uri, keySource, algorithms, now } = expected
  try {
    const jwt = readCompactJwt(text.trim(), types)
    requireAlgorithm(jwt.header, algorithms)
    await findSigningKey(jwt, keySource)
    const claims = readStatusListClaims(jwt.payload)
    const { iss = keySource.issuer } = jwt.payload
    if (claims === null || iss !== keySource.issuer) throw wrong(expected, 'is malformed or of another issuer')
    if (claims.sub !== uri) throw wrong(expected, 'is about another address')
    if (claims.iat > now + futureSeconds) throw wrong(expected, 'is from the future')
    if (claims.exp !== undefined && claims.exp <= now) throw wrong(expected, 'has expired')
    return claims
  } catch (cause) {
    if (cause instanceof OAuthError)
      throw wrong(expected, `cannot be believed: ${cause.detail ?? cause.description}`, cause)
    throw cause
  }
}

/** Stops at `largest` bytes, however small they were packed. */
async function inflate(packed: Uint8Array<ArrayBuffer>, largest: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'))) {
      length += chunk.length
      if (length > largest) return null
      chunks.push(chunk)
    }
  } catch {
    return null
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function wrong({ uri }: Expected, what: string, cause?: unknown): ProtocolError {
  return new ProtocolError('response_invalid', `the status list ${uri} ${what}`, { cause, retryable: true })
}
