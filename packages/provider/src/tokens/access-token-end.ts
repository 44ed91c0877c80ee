import type { TokenBasis } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'

/** When an access token ends: the narrowest of what the server, its API, its client and its grant allow. */
export function accessTokenEnd(
  { lifetimes }: Pick<Parts, 'lifetimes'>,
  { client, resource, notAfter = Infinity }: Pick<TokenBasis, 'client' | 'resource' | 'notAfter'>,
  now: number,
): number {
  const seconds = Math.min(
    lifetimes.access_token,
    resource?.access_token_lifetime ?? Infinity,
    client.metadata.default_access_token_lifetime ?? Infinity,
  )
  return Math.min(now + seconds, Math.floor(notAfter))
}
