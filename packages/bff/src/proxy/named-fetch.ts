import { type AuthenticatedFetchOptions, createAuthenticatedFetch } from '@latchkey/client'
import { isSecureRoute, ProtocolError, type Runtime, type SecureRoute } from '@latchkey/protocol'
import type { TokenSource } from '../session/token-source.ts'

export interface NamedFetchOptions {
  readonly name: string
  readonly tokens: TokenSource
  /** Where the token may go: one origin, and below one path. */
  readonly routes: readonly SecureRoute[]
  readonly runtime: Runtime
}

/**
 * `fetch` for one API with the token of `tokens`. Paths are below the base address; any other address is
 * refused rather than called without the token. A 401 brings one renewal and one replay; redirects come back unfollowed.
 * @throws ProtocolError as `tokens`; TypeError for an address outside the base address.
 */
export function createNamedFetch({ name, tokens, routes, runtime }: NamedFetchOptions): Runtime['fetch'] {
  const [base] = routes
  if (base === undefined) throw new TypeError(`the client "${name}" has no base address`)
  const baseAddress = base.origin + base.segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
  const allows = (url: string) => isSecureRoute(url, baseAddress, routes)
  const send = createAuthenticatedFetch({
    allows,
    runtime,
    dpop: sender(tokens, runtime),
    tokens: {
      get: tokens.get,
      async renew(rejected, options) {
        return tokens.renew(rejected, options).catch((error: unknown) => {
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

/** A bound token goes with a proof of whoever's it is, and without a key not at all. @spec RFC 9449 §7.1 */
function sender(tokens: TokenSource, runtime: Runtime): AuthenticatedFetchOptions['dpop'] {
  return {
    async send(input, init, current) {
      if (current.tokenType === 'DPoP') {
        const prover = await tokens.prover()
        if (prover === null) throw new ProtocolError('not_signed_in', 'the session ended meanwhile: sign in again')
        return prover.key.send(input, init, current)
      }
      const request = new Request(input, init)
      request.headers.set('authorization', `Bearer ${current.accessToken}`)
      return runtime.fetch(request)
    },
  }
}

function addressBelow(baseAddress: string, input: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(input) ? input : `${baseAddress}/${input.startsWith('/') ? input.slice(1) : input}`
}
