import { clientSecretBasic, connectProvider } from '@latchkey/client'
import { ConfigError, OAuthError, ProtocolError } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { Bff, TypedClient } from './bff.ts'
import type { Endpoint, EndpointRequest, Parts } from './endpoints/endpoint.ts'
import { csrfRefusal } from './http/csrf.ts'
import { failurePage } from './http/failure-page.ts'
import { methodRefusal, problem, problemOf } from './http/problem.ts'
import { splitTarget, targetOf } from './http/request.ts'
import type { BffOptions } from './options.ts'
import { type Place, placeOf } from './place.ts'
import { createNamedFetch } from './proxy/named-fetch.ts'
import { openPassage } from './proxy/passage.ts'
import { proxy } from './proxy/proxy.ts'
import { createCircuitBreaker } from './session/circuit-breaker.ts'
import { createClientTokens } from './session/client-tokens.ts'
import { createNonces } from './session/dpop-keys.ts'
import type { TokenTarget } from './session/held-tokens.ts'
import { createLoginCookies } from './session/login-transaction.ts'
import { createSessionAdministration } from './session/session-administration.ts'
import { createSessionWatch } from './session/session-watch.ts'
import { createSessions, type Session } from './session/sessions.ts'
import { tokenSource } from './session/token-source.ts'
import { currentTokens, revokeSessionTokens } from './session/user-tokens.ts'
import { readSettings } from './settings.ts'
import { siteFile } from './site/site-files.ts'
import { sweeping } from './sweeping.ts'

/** @throws ConfigError with every problem of the options at once. */
export function createBff(options: BffOptions): Bff {
  const parts = createParts(options)
  const { settings, connection, sessions, clientTokens, emit } = parts
  const { runtime } = connection
  const stopSweeping = sweeping(parts)

  const problemResponse = (error: unknown): Response => {
    const known = problemOf(error, settings.basePath)
    if (known.status === 500) emit({ type: 'request_failed', cause: error })
    return problem(known)
  }
  const namedFetch = (name: string, session: Session | null, forced?: 'client') => {
    const client = settings.clients.get(name)
    if (client === undefined) {
      const known = [...settings.clients.keys()].join(', ') || 'none'
      throw new ConfigError([`clients.${name}: is not configured; known are ${known}`])
    }
    const { token, tokenTarget, routes } = client
    const tokens = tokenSource({ session, clientTokens, token: forced ?? token, tokenTarget })
    return createNamedFetch({ name, tokens, routes, runtime })
  }
  return {
    owns: (target) => placeOf(settings, splitTarget(target).path).kind !== 'elsewhere',
    async handle(request, target = targetOf(request.url)) {
      const { path, query } = splitTarget(target)
      try {
        return await answer(parts, placeOf(settings, path), { request, query })
      } catch (error) {
        return problemResponse(error)
      }
    },
    passage(arrived) {
      const { path, query } = splitTarget(arrived.target)
      const found = placeOf(settings, path)
      return found.kind === 'route'
        ? openPassage(parts, arrived, { ...found, query }).catch((error: unknown) => problemResponse(error))
        : null
    },
    getUser: async (request) => (await sessions.of(request)?.open())?.held.claims ?? null,
    async getUserAccessToken(request, wanted = {}) {
      const { resource } = wanted
      refuseBare(settings.target, wanted)
      if (resource !== undefined && !settings.resources.includes(resource)) {
        throw new ConfigError([`resources: people were not asked for "${resource}" at sign-in; add it`])
      }
      const tokens = await currentTokens(sessions.of(request), { ...settings.target, ...wanted })
      refuseBare({ dpop: tokens.tokenType === 'DPoP' })
      return tokens.accessToken
    },
    revokeUserRefreshToken: (request) => revokeSessionTokens(sessions.of(request)),
    userAccessTokenFetch: (request, name) => namedFetch(name, sessions.of(request)),
    async clientAccessToken(target = settings.target) {
      refuseBare(settings.target, target)
      return (await clientTokens.of(target).get())?.accessToken ?? ''
    },
    clientAccessTokenFetch: (name) => namedFetch(name, null, 'client'),
    typedClient: (request, name, make) => typedClient(make, namedFetch(name, sessions.of(request))),
    sessions: createSessionAdministration({ ...parts, clientId: options.clientId, now: runtime.now }),
    refuseForeign: (request) => csrfRefusal(request, settings.csrf),
    async refuseLocal(request, { anonymous = false } = {}) {
      const refusal = csrfRefusal(request, settings.csrf)
      if (refusal !== null || anonymous) return refusal
      try {
        if ((await sessions.of(request)?.open()) != null) return null
        return problemResponse(new ProtocolError('not_signed_in', 'nobody is signed in: sign in'))
      } catch (error) {
        return problemResponse(error)
      }
    },
    problemResponse,
    close() {
      stopSweeping()
      parts.watch.close()
    },
  }
}

/** A bound token by itself is worth nothing, and its key is not given away. @spec RFC 9449 §7.1 */
function refuseBare(...targets: readonly TokenTarget[]): void {
  if (!targets.some(({ dpop }) => dpop === true)) return
  throw new ConfigError(['dpop: a bound token needs a proof with each request; call the API by the fetch of a client'])
}

/** Everything that is made once. @throws ConfigError */
function createParts(options: BffOptions): Parts {
  const settings = readSettings(options)
  const runtime = options.runtime ?? systemRuntime
  const emit = options.onEvent ?? (() => {})
  const { issuer, clientId, clientSecret = '', store } = options
  const authentication = options.authentication ?? clientSecretBasic(clientSecret)
  const connection = connectProvider({
    issuer,
    clientId,
    authentication,
    runtime,
    timeoutSeconds: settings.requestSeconds,
  })
  const breaker = createCircuitBreaker(runtime)
  const nonces = createNonces()
  return {
    settings,
    connection,
    store,
    sessions: createSessions({ settings, clientId, store, connection, breaker, nonces, emit }),
    clientTokens: createClientTokens({ connection, breaker, nonces, subject: settings.target }),
    nonces,
    watch: createSessionWatch({ store, runtime }),
    logins: createLoginCookies(settings, runtime),
    emit,
  }
}

async function answer(parts: Parts, found: Place, at: { request: Request; query: string }): Promise<Response> {
  if (found.kind === 'route') return proxy(parts, { ...at, ...found })
  if (found.kind === 'endpoint') {
    return run(parts, found.endpoint, { request: at.request, query: new URLSearchParams(at.query) })
  }
  if (found.kind === 'file') return siteFile(found.folder, found.segments, at.request)
  if (found.kind === 'ambiguous') {
    throw new OAuthError('invalid_request', 'the path can be read in more than one way')
  }
  throw new OAuthError('not_found', 'there is nothing at this path')
}

async function run(parts: Parts, endpoint: Endpoint, at: EndpointRequest): Promise<Response> {
  if (!endpoint.methods.includes(at.request.method)) return methodRefusal(endpoint.methods)
  try {
    return await endpoint.handle(parts, at)
  } catch (error) {
    if (endpoint.audience === 'front end') throw error
    return failurePage(parts, endpoint.path, error)
  }
}

/** Classes and functions with a `this` are constructed; arrows and async functions have no prototype and are called. */
function typedClient<T>(make: TypedClient<T>, fetch: Parameters<Extract<TypedClient<T>, (...args: never) => T>>[0]): T {
  return 'prototype' in make && make.prototype !== undefined
    ? Reflect.construct(make, [fetch])
    : (make as (from: typeof fetch) => T)(fetch)
}
