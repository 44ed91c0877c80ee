import { ConfigError, parseSecureRoutes, type SecureRoute } from '@latchkey/protocol'
import type { NamedClient, ProxyRoute, TokenKind } from '../options.ts'
import type { TokenTarget } from '../session/held-tokens.ts'
import { answerRule, type HeaderRule, requestRule, trailerRule } from './header-rules.ts'
import type { HeaderList } from './headers.ts'
import { readPath, startsWithSegments } from './path.ts'

export interface CheckedRoute {
  readonly match: string
  readonly segments: readonly string[]
  /** Such as "https://api.example.com". */
  readonly origin: string
  /** Without a slash at the end. */
  readonly path: string
  readonly token: TokenKind
  /** What the token is for. */
  readonly tokenTarget: TokenTarget
  /** Undefined: every method. */
  readonly methods: readonly string[] | undefined
  /** One of these, as the ID token says it; undefined for any. */
  readonly acr: readonly string[] | undefined
  readonly answerSeconds: number
  /** The page itself, which anyone may have: no header of ours is asked for. */
  readonly isPage?: boolean
  readonly requestRule: HeaderRule
  readonly requestTrailerRule: HeaderRule
  readonly answerRule: HeaderRule
  readonly answerTrailerRule: HeaderRule
  /** What is ours to say to the API in every request. */
  readonly ownHeaders: HeaderList
  /** What `Forwarded` says of where the request came in. @spec RFC 7239 §5.3, §5.4 */
  readonly forwarded: string
}

export interface CheckedClient {
  /** Where its token may go. */
  readonly routes: readonly SecureRoute[]
  readonly token: TokenKind
  readonly tokenTarget: TokenTarget
}

const tokenKinds: readonly TokenKind[] = ['user', 'client', 'userOrClient', 'userOrNone', 'none', 'exchange']

export interface RouteSurroundings {
  readonly basePath: string
  /** What a token is for where a route says nothing else. */
  readonly target: TokenTarget
  /** Our own origin, as browsers see it. */
  readonly baseUrl: string
  readonly csrfHeader: string
  readonly problems: string[]
}

/** The routes with the longest path first, so that "/api/admin" wins over "/api". */
export function readRoutes(routes: readonly ProxyRoute[], around: RouteSurroundings): readonly CheckedRoute[] {
  const { basePath, target, problems } = around
  const base = segmentsOf(basePath) ?? []
  const checked = routes.flatMap((route, index): CheckedRoute[] => {
    const segments = segmentsOf(route.match)
    if (segments === null || segments.length === 0) {
      problems.push(`routes[${index}].match: "${route.match}" must be a plain path such as "/api"`)
      return []
    }
    if (startsWithSegments(segments, base) || startsWithSegments(base, segments)) {
      problems.push(`routes[${index}].match: "${route.match}" collides with the BFF's own path ${basePath}`)
    }
    if (!tokenKinds.includes(route.token)) problems.push(`routes[${index}].token: say ${tokenKinds.join(', ')}`)
    if (route.methods?.some((method) => !/^[A-Z]+$/.test(method)) === true) {
      problems.push(`routes[${index}].methods: write methods in capitals, such as "GET"`)
    }
    if (route.answerSeconds !== undefined && !(Number.isFinite(route.answerSeconds) && route.answerSeconds > 0)) {
      problems.push(`routes[${index}].answerSeconds: must be a number of seconds above 0`)
    }
    if (route.resource !== undefined && !URL.canParse(route.resource)) {
      problems.push(`routes[${index}].resource: must be an absolute URI`)
    }
    problems.push(...[...tokenProblems(route)].map((problem) => `routes[${index}].${problem}`))
    problems.push(...targetProblems(route.target).map((problem) => `routes[${index}].target: ${problem}`))
    return [
      {
        match: route.match,
        segments,
        ...targetOf(route.target),
        token: route.token,
        tokenTarget: tokenTargetOf(route, target),
        methods: route.methods,
        acr: route.acr === undefined ? undefined : [route.acr].flat(),
        answerSeconds: route.answerSeconds ?? 60,
        ...headerRules(route, around),
      },
    ]
  })
  const twice = checked.find((route, index) => checked.findIndex(({ match }) => match === route.match) !== index)
  if (twice !== undefined) problems.push(`routes: "${twice.match}" stands twice`)
  return checked.sort((a, b) => b.segments.length - a.segments.length)
}

/** Where each named client's token may go. */
export function readNamedClients(
  clients: Readonly<Record<string, NamedClient>>,
  target: TokenTarget,
  problems: string[],
): ReadonlyMap<string, CheckedClient> {
  const checked = new Map<string, CheckedClient>()
  for (const [name, client] of Object.entries(clients)) {
    const { token = 'user' } = client
    if (!tokenKinds.includes(token)) problems.push(`clients.${name}.token: say ${tokenKinds.join(', ')}`)
    if (client.resource !== undefined && !URL.canParse(client.resource)) {
      problems.push(`clients.${name}.resource: must be an absolute URI`)
    }
    if (client.dpop === true && token === 'none') problems.push(`clients.${name}.${nothingToBind}`)
    if (!/^https?:\/\//i.test(client.baseAddress)) {
      problems.push(`clients.${name}.baseAddress: "${client.baseAddress}" is no http(s) URL`)
      continue
    }
    try {
      const routes = parseSecureRoutes([client.baseAddress], client.baseAddress)
      checked.set(name, { routes, token, tokenTarget: tokenTargetOf(client, target) })
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems.map((problem) => problem.replace('secureRoutes', `clients.${name}.baseAddress`)))
    }
  }
  return checked
}

const nothingToBind = 'dpop: there is no token to bind; say which with token'

/** What can only be wrong about a route, not about a named client. */
function* tokenProblems({ token, dpop, acr, resource }: ProxyRoute): Generator<string> {
  if (token === 'exchange' && resource === undefined) yield 'resource: name the API that tokens are exchanged for'
  if (dpop === true && token === 'none') yield nothingToBind
  if (acr === undefined) return
  const values = [acr].flat()
  if (values.length === 0 || values.some((value) => !/^[\x21-\x7e]+$/.test(value)))
    yield 'acr: write values without spaces'
  if (!['user', 'exchange'].includes(token)) yield 'acr: speaks of a person; use it with token "user" or "exchange"'
}

function tokenTargetOf(named: TokenTarget, otherwise: TokenTarget): TokenTarget {
  const audience = named.resource ?? otherwise.resource
  return {
    ...(audience === undefined ? {} : { resource: audience }),
    ...(named.scope === undefined ? {} : { scope: named.scope }),
    ...((named.dpop ?? otherwise.dpop) === true ? { dpop: true } : {}),
  }
}

/** Where the API is; what cannot be read is among the problems. */
function targetOf(target: string): Pick<CheckedRoute, 'origin' | 'path'> {
  if (!URL.canParse(target)) return { origin: '', path: '' }
  const { origin, pathname } = new URL(target)
  return { origin, path: pathname.replace(/\/+$/, '') }
}

type HeaderRules = Pick<
  CheckedRoute,
  'requestRule' | 'requestTrailerRule' | 'answerRule' | 'answerTrailerRule' | 'ownHeaders' | 'forwarded'
>

export function headerRules(
  route: ProxyRoute,
  { baseUrl, csrfHeader }: Pick<RouteSurroundings, 'baseUrl' | 'csrfHeader'>,
): HeaderRules {
  const passed = requestRule({ csrfHeader, allowed: namesOf(route.requestHeaders) })
  const returned = answerRule(namesOf(route.responseHeaders))
  const [proto = '', host = ''] = baseUrl.replace(/\/+$/, '').split('://')
  return {
    requestRule: passed,
    requestTrailerRule: trailerRule(passed),
    answerRule: returned,
    answerTrailerRule: trailerRule(returned),
    forwarded: `host="${host}";proto=${proto}`,
    // @spec RFC 9110 §7.2
    ownHeaders: [
      ...['host', targetOf(route.target).origin.replace(/^[a-z]+:\/\//, '')],
      ...['x-forwarded-host', host, 'x-forwarded-proto', proto],
    ],
  }
}

function namesOf(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined ? undefined : new Set(names.map((name) => name.toLowerCase()))
}

function segmentsOf(path: string): readonly string[] | null {
  const read = readPath(path)
  return read.kind === 'plain' && !path.endsWith('/') && !path.includes('*') ? read.segments : null
}

function targetProblems(target: string): readonly string[] {
  const url = URL.canParse(target) ? new URL(target) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) return [`"${target}" is no http(s) URL`]
  if (url.username !== '' || url.password !== '') return ['remove the user name and password']
  if (url.search !== '' || url.hash !== '') return ['remove the query and the fragment']
  return readPath(url.pathname).kind === 'plain' || url.pathname === '/' ? [] : ['write the plain path']
}
