import { OAuthError, parseAuthorizationHeader } from '@latchkey/protocol'

/** What an adapter hands to the guard: text of the request, the dearer parts only on demand. */
export interface GuardRequest {
  readonly authorization: string | null | undefined
  /** The `DPoP` header. @spec RFC 9449 §4.1 */
  readonly dpop?: string | null | undefined
  readonly method?: string | undefined
  /** The absolute address as the client wrote it: for DPoP proofs and for the query. */
  readonly url?: (() => string) | undefined
  /** The parsed form body, where the adapter has one. */
  readonly form?: (() => unknown) | undefined
  /** The client's certificate of this connection, in DER. @spec RFC 8705 §3 */
  readonly certificate?: (() => Uint8Array | undefined) | undefined
  /** The `Client-Cert` header that a TLS-ending proxy sets. @spec RFC 9440 §2.1 */
  readonly clientCert?: string | null | undefined
}

/** Where an access token may stand. @spec RFC 6750 §2 */
export type TokenPlace = 'header' | 'form' | 'query'

export type Credentials =
  /** `refusable`: something came that no optional authentication may wave through. */
  | { readonly kind: 'none'; readonly refusable: boolean }
  | { readonly kind: 'token'; readonly scheme: 'Bearer' | 'DPoP'; readonly token: string; readonly place: TokenPlace }

const headerOnly: ReadonlySet<TokenPlace> = new Set(['header'])

/**
 * The access token of a request.
 * @throws OAuthError `invalid_request` for a malformed header and for two credentials
 * @spec RFC 6750 §2, §3.1; RFC 9449 §7.1
 */
export function readCredentials(
  request: GuardRequest,
  places: ReadonlySet<TokenPlace> = headerOnly,
): Credentials | Promise<Credentials> {
  const header = fromHeader(request.authorization)
  return isHeaderOnly(places) ? header : withOtherPlaces(header, request, places)
}

/** Whether tokens stand in the header alone, which is always looked at. @spec RFC 6750 §2.1 */
export function isHeaderOnly(places: ReadonlySet<TokenPlace>): boolean {
  return !places.has('form') && !places.has('query')
}

function fromHeader(authorization: string | null | undefined): Credentials {
  const header = parseAuthorizationHeader(authorization)
  switch (header.scheme) {
    case 'bearer':
      return { kind: 'token', scheme: 'Bearer', token: header.credentials, place: 'header' }
    case 'dpop':
      return { kind: 'token', scheme: 'DPoP', token: header.credentials, place: 'header' }
    case 'malformed':
      throw new OAuthError('invalid_request', 'the Authorization header must be one credential: Bearer <token>')
    case 'absent':
      return { kind: 'none', refusable: false }
    default:
      return { kind: 'none', refusable: true }
  }
}

/** A token in two places is refused, never one of them taken. @spec RFC 6750 §2 */
async function withOtherPlaces(
  header: Credentials,
  request: GuardRequest,
  places: ReadonlySet<TokenPlace>,
): Promise<Credentials> {
  const found: { token: string; place: TokenPlace }[] = []
  if (places.has('query')) for (const token of fromQuery(request)) found.push({ token, place: 'query' })
  if (places.has('form') && request.method !== 'GET' && request.method !== 'HEAD') {
    for (const token of fromForm(await request.form?.())) found.push({ token, place: 'form' })
  }
  const [first] = found
  if (first === undefined) return header
  if (found.length > 1 || header.kind === 'token') {
    throw new OAuthError('invalid_request', 'the request has more than one access token')
  }
  return { kind: 'token', scheme: 'Bearer', ...first }
}

function fromQuery(request: GuardRequest): readonly string[] {
  const text = request.url?.() ?? ''
  const mark = text.indexOf('?')
  return mark === -1 ? [] : new URLSearchParams(text.slice(mark + 1)).getAll('access_token')
}

function fromForm(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null) return []
  if (body instanceof FormData || body instanceof URLSearchParams) {
    return body.getAll('access_token').filter((value) => typeof value === 'string')
  }
  const value = (body as Readonly<Record<string, unknown>>).access_token
  return (Array.isArray(value) ? (value as unknown[]) : [value]).filter((token) => typeof token === 'string')
}
