import { Form, OAuthError, parseAuthorizationHeader } from '@latchkey/protocol'
import type { EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'

/** An access token and the scheme it came with; in a body or a query it is a bearer token. */
export interface SentToken {
  readonly value: string
  readonly scheme: 'bearer' | 'dpop'
}

/**
 * The one token of the request, or null when there is none.
 * @throws OAuthError `invalid_request` when it comes in more than one way
 * @spec RFC 6750 §2; RFC 9449 §7.1
 */
export async function readSentToken(
  { request, query }: EndpointRequest,
  fromQuery: boolean,
): Promise<SentToken | null> {
  const header = parseAuthorizationHeader(request.headers.get('authorization'))
  if (header.scheme === 'malformed') throw new OAuthError('invalid_request', 'the Authorization header is malformed')
  const found: SentToken[] = []
  if (header.scheme === 'bearer' || header.scheme === 'dpop') {
    found.push({ value: header.credentials, scheme: header.scheme })
  }
  if (request.method === 'POST' && hasBody(request)) {
    const posted = (await readForm(request)).get('access_token')
    if (posted !== undefined) found.push({ value: posted, scheme: 'bearer' })
  }
  if (fromQuery && query !== '') {
    const asked = Form.parse(query).get('access_token')
    if (asked !== undefined) found.push({ value: asked, scheme: 'bearer' })
  }
  if (found.length > 1) throw new OAuthError('invalid_request', 'send the access token in one way only')
  return found[0] ?? null
}

/** A POST with the token in its header needs no body at all. */
function hasBody(request: Request): boolean {
  const length = request.headers.get('content-length')
  if (length !== null) return length !== '0'
  return request.headers.get('content-type') !== null
}
