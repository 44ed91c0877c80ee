import {
  type ClientAuthentication,
  clientSecretBasic,
  connectProvider,
  createAuthenticatedFetch,
  createTokenManager,
  privateKeyJwt,
  clientCredentials as requestTokens,
  type TokenManager,
  type TokenSet,
} from '@latchkey/client'
import { ConfigError, issuerProblems, ProtocolError, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'

export interface ServiceOptions {
  readonly issuer: string
  readonly clientId: string
  /** The secret, or a private key whose public half the client registered. One of the two. */
  readonly clientSecret?: string
  readonly privateKey?: CryptoKey
  /** The `kid` of `privateKey` in the registered key set. */
  readonly keyId?: string
  /** A token this close to its end is renewed first; 30 unless said otherwise, and at most a tenth of its life. */
  readonly leewaySeconds?: number
  readonly runtime?: Runtime
}

/** What a call is for. */
export interface ServiceTarget {
  /** The API, as the provider knows it. @spec RFC 8707 §2 */
  readonly audience?: string
  /** Space-separated. */
  readonly scope?: string
}

/** A service that calls APIs in its own name. @spec RFC 6749 §4.4 */
export interface Service {
  /** The token manager of one audience and scope: one request for many callers, renewed ahead of its end. */
  tokens(target?: ServiceTarget): TokenManager
  /** @throws ProtocolError when no token can be had */
  accessToken(target?: ServiceTarget): Promise<string>
  /** `fetch` that sends the target's token to `origin` and nowhere else, and replays once after a 401. */
  fetch(origin: string, target?: ServiceTarget): Runtime['fetch']
}

/** @throws ConfigError with every problem of the options */
export function clientCredentials(options: ServiceOptions): Service {
  const problems = [...serviceProblems(options)]
  if (problems.length > 0) throw new ConfigError(problems)
  const { issuer, clientId, leewaySeconds = 30, runtime = systemRuntime } = options
  const connection = connectProvider({ issuer, clientId, authentication: authenticationOf(options), runtime })
  const managers = new Map<string, TokenManager>()

  function manager(target: ServiceTarget): TokenManager {
    let held: TokenSet | null = null
    const host = {
      load: async () => held ?? nothingYet,
      save: async (tokens: TokenSet) => {
        held = tokens
      },
      end: async () => {
        held = null
      },
      exclusive: <T>(work: () => Promise<T>) => work(),
      refresh: () => request(target),
    }
    return createTokenManager({ host, runtime, leewaySeconds })
  }

  function request({ audience, scope }: ServiceTarget): Promise<TokenSet> {
    return requestTokens(connection, {
      ...(audience === undefined ? {} : { resource: audience }),
      ...(scope === undefined ? {} : { scope }),
    })
  }

  const tokens: Service['tokens'] = (target = {}) => {
    const key = JSON.stringify([target.audience, target.scope])
    const known = managers.get(key) ?? manager(target)
    managers.set(key, known)
    return known
  }
  return {
    tokens,
    async accessToken(target) {
      const held = await tokens(target).get()
      if (held === null) throw new ProtocolError('not_signed_in', `${issuer} gave no token`)
      return held.accessToken
    },
    fetch(origin, target) {
      const allows = (url: string) => URL.canParse(url) && new URL(url).origin === new URL(origin).origin
      return createAuthenticatedFetch({ tokens: tokens(target), allows, runtime })
    },
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

function authenticationOf({ clientSecret, privateKey, keyId }: ServiceOptions): ClientAuthentication {
  return privateKey === undefined ? clientSecretBasic(clientSecret ?? '') : privateKeyJwt(privateKey, keyId)
}

function* serviceProblems({ issuer, clientId, clientSecret, privateKey }: ServiceOptions): Generator<string> {
  yield* issuerProblems(issuer)
  if (clientId === '') yield 'clientId: name the client'
  if ((clientSecret === undefined) === (privateKey === undefined)) {
    yield 'clientSecret, privateKey: give exactly one of them'
  }
}
