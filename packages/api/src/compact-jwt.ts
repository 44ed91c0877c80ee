import { OAuthError } from '@latchkey/protocol'
import type { Signed } from './crypto.ts'
import { shown } from './shown.ts'

/** The header of a JWT access token. @spec RFC 9068 §2.1 */
export interface AccessTokenHeader {
  readonly typ: string
  readonly alg: string
  readonly kid?: string
  readonly [parameter: string]: unknown
}

export interface CompactJwt {
  readonly header: AccessTokenHeader
  readonly payload: Readonly<Record<string, unknown>>
  readonly signed: Signed
}

/** Which `typ` a JWT may have. `undefined` among them means that it may be missing. */
export type AcceptedTypes = ReadonlySet<string | undefined>

const compact = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** Whether a token has the form of a signed JWT; any other is opaque to us. */
export function isCompactJwt(token: string): boolean {
  return compact.test(token)
}

/**
 * Takes a signed JWT apart and judges its header; trusts nothing yet. Keys that the header itself brings
 * (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
 * @throws OAuthError `invalid_token`
 */
export function readCompactJwt(token: string, types: AcceptedTypes): CompactJwt {
  if (!isCompactJwt(token)) throw notAnAccessToken('it is not three base64url parts')
  const headerEnd = token.indexOf('.')
  const payloadEnd = token.indexOf('.', headerEnd + 1)
  const header = parseObject(token.slice(0, headerEnd), 'header')
  const { typ, alg, kid } = header
  // @spec RFC 9068 §4; RFC 7515 §4.1.9
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ
  if (!types.has(type as string | undefined)) {
    throw notAnAccessToken(`its typ is ${shown(typ)}, not ${[...types].map((name) => `"${name ?? ''}"`).join(', ')}`)
  }
  if (typeof alg !== 'string') throw notAnAccessToken('its alg is no text')
  // @spec RFC 7515 §4.1.11
  if ('crit' in header) throw notAnAccessToken('its header has crit, and no extension is understood here')
  if (kid !== undefined && typeof kid !== 'string') throw notAnAccessToken('its kid is no string')
  return {
    header: header as AccessTokenHeader,
    payload: parseObject(token.slice(headerEnd + 1, payloadEnd), 'payload'),
    signed: {
      data: Buffer.from(token.slice(0, payloadEnd), 'latin1'),
      signature: Buffer.from(token.slice(payloadEnd + 1), 'base64url'),
    },
  }
}

/** The algorithm comes from what we accept, never from the token. @spec RFC 8725 §3.1 */
export function requireAlgorithm({ alg }: AccessTokenHeader, algorithms: ReadonlySet<string>): void {
  if (!algorithms.has(alg)) {
    throw notAnAccessToken(`its alg is ${shown(alg)}; accepted: ${[...algorithms].join(', ')}`)
  }
}

function parseObject(part: string, name: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  } catch {
    throw notAnAccessToken(`its ${name} is no JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw notAnAccessToken(`its ${name} is no JSON object`)
  }
  return value as Readonly<Record<string, unknown>>
}

function notAnAccessToken(detail: string): OAuthError {
  return new OAuthError('invalid_token', 'the token is not an access token that this API accepts', { detail })
}
