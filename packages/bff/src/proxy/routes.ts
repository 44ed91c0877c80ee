import { ConfigError, parseSecureRoutes, type SecureRoute } from '@latchkey/protocol'
import type { NamedClient, ProxyRoute, TokenKind } from '../options.ts'
import type { TokenTarget } from '../session/held-tokens.ts'
import { readPath, startsWithSegments } from './path.ts'

export interface CheckedRoute {
  readonly match: string
  readonly segments: readonly string[]
  /** Origin and path without a slash at the end. */
  readonly target: string
  readonly token: TokenKind
  /** What the token is for. */
  readonly tokenTarget: TokenTarget
  /** Undefined: every method. */
  readonly methods: readonly string[] | undefined
  readonly requestHeaders: ReadonlySet<string> | undefined
  readonly responseHeaders: ReadonlySet<string> | undefined
}

export interface CheckedClient {
  /** Where its token may go. */
  readonly routes: readonly SecureRoute[]
  readonly token: TokenKind
  readonly tokenTarget: TokenTarget
}

const tokenKinds: readonly TokenKind[] = ['user', 'client', 'userOrClient', 'userOrNone', 'none']

/** The routes with the longest path first, so that "/api/admin" wins over "/api". */
export function readRoutes(
  routes: readonly ProxyRoute[],
  { basePath, resource, problems }: { basePath: string; resource: string | undefined; problems: string[] },
): readonly CheckedRoute[] {
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
    if (route.resource !== undefined && !URL.canParse(route.resource)) {
      problems.push(`routes[${index}].resource: must be an absolute URI`)
    }
    problems.push(...targetProblems(route.target).map((problem) => `routes[${index}].target: ${problem}`))
    return [
      {
        match: route.match,
        segments,
        target: route.target.replace(/\/+$/, ''),
        token: route.token,
        tokenTarget: tokenTargetOf(route, resource),
        methods: route.methods,
        requestHeaders: namesOf(route.requestHeaders),
        responseHeaders: namesOf(route.responseHeaders),
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
  resource: string | undefined,
  problems: string[],
): ReadonlyMap<string, CheckedClient> {
  const checked = new Map<string, CheckedClient>()
  for (const [name, client] of Object.entries(clients)) {
    const { token = 'user' } = client
    if (!tokenKinds.includes(token)) problems.push(`clients.${name}.token: say ${tokenKinds.join(', ')}`)
    if (client.resource !== undefined && !URL.canParse(client.resource)) {
      problems.push(`clients.${name}.resource: must be an absolute URI`)
    }
    if (!/^https?:\/\//i.test(client.baseAddress)) {
      problems.push(`clients.${name}.baseAddress: "${client.baseAddress}" is no http(s) URL`)
      continue
    }
    try {
      const routes = parseSecureRoutes([client.baseAddress], client.baseAddress)
      checked.set(name, { routes, token, tokenTarget: tokenTargetOf(client, resource) })
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems.map((problem) => problem.replace('secureRoutes', `clients.${name}.baseAddress`)))
    }
  }
  return checked
}

function tokenTargetOf(named: TokenTarget, resource: string | undefined): TokenTarget {
  const audience = named.resource ?? resource
  return {
    ...(audience === undefined ? {} : { resource: audience }),
    ...(named.scope === undefined ? {} : { scope: named.scope }),
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
