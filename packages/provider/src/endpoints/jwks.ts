import type { Endpoint } from '../http/endpoint.ts'
import { fixedJson } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { madeOnce } from './made-once.ts'

/** The public signing keys. @spec RFC 7517 §5 */
export function jwksEndpoint(parts: Pick<Parts, 'keys'>): Endpoint {
  const text = madeOnce(() => parts.keys.jwks())
  return {
    path: '/jwks',
    methods: ['GET'],
    cors: 'public',
    audience: 'machine',
    metadata: (url) => ({ jwks_uri: url }),
    handle: async (asked) => fixedJson(asked, text(), 300),
  }
}
