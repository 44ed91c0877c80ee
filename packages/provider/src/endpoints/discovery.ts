import type { Endpoint } from '../http/endpoint.ts'
import { fixedJson } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { madeOnce } from './made-once.ts'

type Described = Pick<Parts, 'metadata' | 'basePath'>

/** The provider's metadata, at each address where a client may look for it. @spec OIDC Discovery §4; RFC 8414 §3.1 */
export function discoveryEndpoints(parts: Described): readonly Endpoint[] {
  const text = madeOnce(() => parts.metadata())
  const at = (path: string, atRoot: boolean): Endpoint => ({
    path,
    atRoot,
    methods: ['GET'],
    cors: 'public',
    audience: 'machine',
    handle: async (asked) => fixedJson(asked, text(), 300),
  })
  const openid = '/.well-known/openid-configuration'
  const oauth = '/.well-known/oauth-authorization-server'
  const below = [at(openid, false), at(oauth, false)]
  // For an issuer with a path, RFC 8414 puts the well-known part before it; many clients look for both documents there.
  return parts.basePath === '' ? below : [...below, at(openid + parts.basePath, true), at(oauth + parts.basePath, true)]
}
