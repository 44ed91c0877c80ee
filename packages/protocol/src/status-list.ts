import type { AccessTokenClaims } from './access-token-claims.ts'

/** `typ` of a status list token, and its media type below `application/`. @spec Token Status List §5.1, §8.2 */
export const statusListType = 'statuslist+jwt'

/** Where the status of a token stands. @spec Token Status List §6.2 */
export interface StatusReference {
  readonly idx: number
  readonly uri: string
}

/** What a status list token says. Instants are epoch seconds. @spec Token Status List §5.1 */
export interface StatusListClaims {
  /** The address of the list. */
  readonly sub: string
  readonly iat: number
  readonly exp?: number
  /** Seconds after which a fresh copy is to be had. */
  readonly ttl?: number
  readonly status_list: {
    readonly bits: 1 | 2 | 4 | 8
    /** Compressed in the ZLIB format, in base64url. */
    readonly lst: string
    readonly aggregation_uri?: string
  }
}

/** Values of a status. @spec Token Status List §7.1 */
export const statusValues = { valid: 0, invalid: 1, suspended: 2 } as const

/**
 * Where a token's status stands; undefined when it has no status list, null when what it has is malformed.
 * @spec Token Status List §6.2
 */
export function readStatusReference({ status }: Pick<AccessTokenClaims, 'status'>): StatusReference | null | undefined {
  if (status === undefined) return undefined
  if (!isObject(status)) return null
  const list = status.status_list
  if (list === undefined) return undefined
  if (!isObject(list)) return null
  const { idx, uri } = list
  if (typeof idx !== 'number' || !Number.isSafeInteger(idx) || idx < 0) return null
  return typeof uri === 'string' && URL.canParse(uri) ? { idx, uri } : null
}

/** The claims of a status list token, or null when one is missing or malformed. @spec Token Status List §5.1, §8.3 */
export function readStatusListClaims(payload: Readonly<Record<string, unknown>>): StatusListClaims | null {
  const { sub, iat, exp, ttl, status_list: list } = payload
  if (typeof sub !== 'string' || !isCount(iat) || !(exp === undefined || isCount(exp))) return null
  if (!(ttl === undefined || (isCount(ttl) && ttl > 0)) || !isObject(list)) return null
  const { bits, lst } = list
  if (typeof lst !== 'string' || !(bits === 1 || bits === 2 || bits === 4 || bits === 8)) return null
  return {
    sub,
    iat,
    ...(exp === undefined ? {} : { exp }),
    ...(ttl === undefined ? {} : { ttl }),
    status_list: { bits, lst },
  }
}

/** The status at `idx`, counted from the lowest bit of each byte; undefined past the end. @spec Token Status List §4.1 */
export function statusAt(bytes: Uint8Array, bits: number, idx: number): number | undefined {
  const perByte = 8 / bits
  const byte = bytes[Math.floor(idx / perByte)]
  return byte === undefined ? undefined : (byte >> ((idx % perByte) * bits)) & ((1 << bits) - 1)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
