import { createAuthenticatedFetch } from '@latchkey/client'
import { isSecureRoute, ProtocolError, type Runtime, type SecureRoute } from '@latchkey/protocol'
import type { Session } from '../session/sessions.ts'
import { currentTokens } from '../session/user-tokens.ts'

export interface UserFetchOptions {
  readonly name: string
  readonly session: Session | null
  /** Where the token may go: one origin, and below one path. */
  readonly routes: readonly SecureRoute[]
  readonly runtime: Runtime
}

/**
 * `fetch` for one API with the signed-in person's token. Paths are below the base address; any other address is
 * refused rather than called without the token. A 401 brings one renewal and one replay; redirects come back unfollowed.
 * @throws ProtocolError as `currentTokens`; TypeError for an address outside the base address.
 */
export function createUserFetch({ name, session, routes, runtime }: UserFetchOptions): Runtime['fetch'] {
  const [base] = routes
  if (base === undefined) throw new TypeError(`the client "${name}" has no base address`)
  const baseAddress = base.origin + base.segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
  const allows = (url: string) => isSecureRoute(url, baseAddress, routes)
  const send = createAuthenticatedFetch({
    allows,
    runtime,
    tokens: {
      get: (options) => currentTokens(session, options),
      async renew(rejected, options) {
        return currentTokens(session, { rejected, ...options }).catch((error: unknown) => {
          // The API's own 401 says more to its caller than a renewal that could not be had.
          if (error instanceof ProtocolError) return null
          throw error
        })
      },
    },
  })
  return async (input, init) => {
    const target = input instanceof Request ? input : addressBelow(baseAddress, String(input))
    const url = target instanceof Request ? target.url : target
    if (!allows(url)) throw new TypeError(`the client "${name}" calls ${baseAddress} only`)
    return send(target, { ...init, redirect: 'manual' })
  }
}

function addressBelow(baseAddress: string, input: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(input) ? input : `${baseAddress}/${input.startsWith('/') ? input.slice(1) : input}`
}
