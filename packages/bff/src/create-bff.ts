import { clientSecretBasic, connectProvider } from '@latchkey/client'
import { ConfigError, OAuthError, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { Endpoint, Parts } from './endpoints/endpoint.ts'
import { endpoints } from './endpoints/index.ts'
import { csrfRefusal } from './http/csrf.ts'
import { failurePage } from './http/failure-page.ts'
import { problem, problemOf } from './http/problem.ts'
import { type BffRequest, splitTarget, targetOf } from './http/request.ts'
import type { BffOptions } from './options.ts'
import { readPath, startsWithSegments } from './proxy/path.ts'
import { proxy } from './proxy/proxy.ts'
import type { CheckedRoute } from './proxy/routes.ts'
import { createUserFetch } from './proxy/user-fetch.ts'
import { createLoginCookies } from './session/login-transaction.ts'
import { createSessions } from './session/sessions.ts'
import { currentTokens, revokeSessionTokens, type UserAccessTokenOptions } from './session/user-tokens.ts'
import { readSettings, type Settings } from './settings.ts'

/** A backend for a front end: it holds the tokens, the browser holds a cookie. */
export interface Bff {
  /** Whether the request target (path and query as they arrived) is the BFF's to answer: its endpoints and its routes. */
  owns(target: string): boolean
  /** Answers a request. `target` is the request target as it arrived, for servers whose URLs are normalised. */
  handle(request: Request, target?: string): Promise<Response>
  /**
   * A current access token of the signed-in person, renewed where needed.
   * @throws ProtocolError `not_signed_in`, `session_unreadable` (401) or `unreachable` (503): `problemResponse` makes the answer.
   */
  getUserAccessToken(request: BffRequest, options?: UserAccessTokenOptions): Promise<string>
  /** Takes the person's refresh token back at the provider and drops the access token; API calls answer 401 afterwards. */
  revokeUserRefreshToken(request: BffRequest): Promise<void>
  /** `fetch` for the API configured as `clients[name]`, with the person's token. */
  userAccessTokenFetch(request: BffRequest, name: string): Runtime['fetch']
  /** The refusal of an API call that does not come from our own front end, or null. For API handlers of the application's own. */
  refuseForeign(request: BffRequest): Response | null
  /** What an error means to the front end, as `application/problem+json`. */
  problemResponse(error: unknown): Response
  /** Stops the sweeping of old sessions. The store is the caller's to close. */
  close(): void
}

const sweepSeconds = 300
const sweepRows = 500

/** @throws ConfigError with every problem of the options at once. */
export function createBff(options: BffOptions): Bff {
  const settings = readSettings(options)
  const runtime = options.runtime ?? systemRuntime
  const emit = options.onEvent ?? (() => {})
  const { issuer, clientId, clientSecret, store } = options
  const connection = connectProvider({ issuer, clientId, authentication: clientSecretBasic(clientSecret), runtime })
  const sessions = createSessions({ settings, clientId, store, connection, emit })
  const parts: Parts = { settings, connection, store, sessions, logins: createLoginCookies(settings, runtime), emit }

  const problemResponse = (error: unknown): Response => {
    const known = problemOf(error)
    if (known.status === 500) emit({ type: 'request_failed', cause: error })
    return problem(known)
  }
  return {
    owns: (target) => place(settings, splitTarget(target).path).kind !== 'elsewhere',
    async handle(request, target = targetOf(request.url)) {
      const { path, query } = splitTarget(target)
      const found = place(settings, path)
      try {
        if (found.kind === 'route') return await proxy(parts, { request, query, ...found })
        if (found.kind === 'endpoint')
          return await run(parts, found.endpoint, { request, query: new URLSearchParams(query) })
        if (found.kind === 'ambiguous')
          throw new OAuthError('invalid_request', 'the path can be read in more than one way')
        throw new OAuthError('not_found', 'there is nothing at this path')
      } catch (error) {
        return problemResponse(error)
      }
    },
    getUserAccessToken: async (request, wanted) => (await currentTokens(sessions.of(request), wanted)).accessToken,
    revokeUserRefreshToken: (request) => revokeSessionTokens(sessions.of(request)),
    userAccessTokenFetch(request, name) {
      const routes = settings.clients.get(name)
      if (routes === undefined) {
        throw new ConfigError([
          `clients.${name}: is not configured; known are ${[...settings.clients.keys()].join(', ') || 'none'}`,
        ])
      }
      return createUserFetch({ name, session: sessions.of(request), routes, runtime })
    },
    refuseForeign: (request) => csrfRefusal(request, settings.csrf),
    problemResponse,
    close: sweeping(parts),
  }
}

type Place =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'route'; readonly route: CheckedRoute; readonly rest: string }
  | { readonly kind: 'ambiguous' | 'unknown' | 'elsewhere' }

/** Whose path it is. What could be read as one of ours is never left to someone else's reading. */
function place({ basePath, routes }: Settings, path: string): Place {
  const base = basePath.split('/').slice(1)
  const read = readPath(path)
  if (read.kind === 'ambiguous') {
    const ours = [base, ...routes.map((route) => route.segments)]
    const touches = read.readings.some((reading) => ours.some((prefix) => startsWithSegments(reading, prefix)))
    return { kind: touches ? 'ambiguous' : 'elsewhere' }
  }
  if (startsWithSegments(read.segments, base)) {
    const name = `/${read.segments.slice(base.length).join('/')}`
    const endpoint = endpoints.find((candidate) => candidate.path === name)
    return endpoint === undefined ? { kind: 'unknown' } : { kind: 'endpoint', endpoint }
  }
  const route = routes.find((candidate) => startsWithSegments(read.segments, candidate.segments))
  if (route === undefined) return { kind: 'elsewhere' }
  return {
    kind: 'route',
    route,
    rest: read.raw
      .slice(route.segments.length)
      .map((part) => `/${part}`)
      .join(''),
  }
}

async function run(
  parts: Parts,
  endpoint: Endpoint,
  at: { request: Request; query: URLSearchParams },
): Promise<Response> {
  if (!endpoint.methods.includes(at.request.method)) {
    const refusal = problem({
      status: 405,
      code: 'method_not_allowed',
      detail: `use ${endpoint.methods.join(' or ')} here`,
    })
    refusal.headers.set('allow', endpoint.methods.join(', '))
    return refusal
  }
  try {
    return await endpoint.handle(parts, at)
  } catch (error) {
    if (endpoint.audience === 'front end') throw error
    return failurePage(parts, endpoint.path, error)
  }
}

/** Old sessions leave a few at a time, for as long as the BFF lives. */
function sweeping({ store, connection, emit }: Parts): () => void {
  const { runtime } = connection
  let cancel = () => {}
  let closed = false
  const next = () => {
    cancel = runtime.schedule(sweepSeconds, () => {
      store
        .sweep(runtime.now(), sweepRows)
        .catch((cause: unknown) => emit({ type: 'request_failed', cause }))
        .finally(() => (closed ? undefined : next()))
    })
  }
  next()
  return () => {
    closed = true
    cancel()
  }
}
