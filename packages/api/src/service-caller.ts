import {
  createAuthenticatedFetch,
  createTokenManager,
  type DpopKey,
  type TokenManager,
  type TokenSet,
} from '@latchkey/client'
import { createRecentlyUsed, ProtocolError, type Runtime } from '@latchkey/protocol'

/** What a call is for. */
export interface ServiceTarget {
  /** The API, as the provider knows it. @spec RFC 8707 §2 */
  readonly audience?: string
  /** Space-separated. */
  readonly scope?: string
}

/** Calls APIs with tokens that are had when they are needed. */
export interface ServiceCaller {
  /** The token manager of one audience and scope: one request for many callers, renewed ahead of its end. */
  tokens(target?: ServiceTarget): TokenManager
  /** @throws ProtocolError when no token can be had */
  accessToken(target?: ServiceTarget): Promise<string>
  /** `fetch` that sends the target's token to `origin` and nowhere else, and replays once after a 401. */
  fetch(origin: string, target?: ServiceTarget): Runtime['fetch']
}

export interface CallerOptions {
  readonly issuer: string
  readonly runtime: Runtime
  readonly leewaySeconds: number
  readonly dpop: DpopKey | undefined
}

/** Asks for each target's token by `request`; the managers are kept in `managers` under `name` and the target. */
export function createCaller(
  { issuer, runtime, leewaySeconds, dpop }: CallerOptions,
  managers: Managers,
  { name, request }: { name: string; request: (target: ServiceTarget) => Promise<TokenSet> },
): ServiceCaller {
  const tokens: ServiceCaller['tokens'] = (target = {}) =>
    managers.get(JSON.stringify([name, target.audience, target.scope]), () =>
      createTokenManager({ host: hostOf(() => request(target)), runtime, leewaySeconds }),
    )
  return {
    tokens,
    async accessToken(target) {
      const held = await tokens(target).get()
      if (held === null) throw new ProtocolError('not_signed_in', `${issuer} gave no token`)
      return held.accessToken
    },
    fetch(origin, target) {
      const allows = (url: string) => URL.canParse(url) && new URL(url).origin === new URL(origin).origin
      return createAuthenticatedFetch({ tokens: tokens(target), allows, runtime, dpop })
    },
  }
}

/** The managers used last, so that neither people nor targets fill the memory. */
export interface Managers {
  get(key: string, make: () => TokenManager): TokenManager
}

export function createManagers(limit: number): Managers {
  const kept = createRecentlyUsed<TokenManager>(limit)
  return {
    get(key, make) {
      const held = kept.get(key)
      if (held !== undefined) return held
      const manager = make()
      kept.set(key, manager)
      return manager
    },
  }
}

function hostOf(refresh: () => Promise<TokenSet>) {
  let held: TokenSet | null = null
  return {
    load: async () => held ?? nothingYet,
    save: async (tokens: TokenSet) => {
      held = tokens
    },
    end: async () => {
      held = null
    },
    exclusive: <T>(work: () => Promise<T>) => work(),
    refresh,
  }
}

/** What is renewed at the first call: a token that ended before it was there. */
const nothingYet: TokenSet = {
  accessToken: '',
  tokenType: 'Bearer',
  issuedAt: 0,
  expiresAt: 0,
  scope: [],
  refreshToken: null,
  idToken: null,
  claims: null,
  renewals: 0,
}
