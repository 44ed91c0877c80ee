import type { ServerMetadata } from '@latchkey/protocol'
import type { Endpoint } from '../http/endpoint.ts'
import { fixedJson } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { madeOnce } from './made-once.ts'

/** The public signing keys. @spec RFC 7517 §5 */
export function jwksEndpoint(parts: Pick<Parts, 'keys' | 'resources'>): Endpoint {
  const text = madeOnce(() => parts.keys.jwks())
  return {
    path: '/jwks',
    methods: ['GET'],
    cors: 'public',
    audience: 'machine',
    metadata: (url) => ({ jwks_uri: url, ...accessTokenAlgs(parts) }),
    handle: (asked) => fixedJson(asked, text(), 300),
  }
}

/** What guards are to expect in front of these resources; nothing where no access token is a JWT. */
function accessTokenAlgs({ resources }: Pick<Parts, 'resources'>): Partial<ServerMetadata> {
  const algs = new Set<string>()
  for (const resource of resources.values()) {
    if (resource.access_token_format === 'jwt') algs.add(resource.access_token_signing_alg)
  }
  return algs.size === 0 ? {} : { access_token_signing_alg_values_supported: [...algs] }
}
