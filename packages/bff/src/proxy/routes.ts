import { ConfigError, parseSecureRoutes, type SecureRoute } from '@latchkey/protocol'
import type { NamedClient, ProxyRoute } from '../options.ts'
import { readPath, startsWithSegments } from './path.ts'

export interface CheckedRoute {
  readonly match: string
  readonly segments: readonly string[]
  /** Origin and path without a slash at the end. */
  readonly target: string
  readonly token: 'user' | 'none'
}

/** The routes with the longest path first, so that "/api/admin" wins over "/api". */
export function readRoutes(
  routes: readonly ProxyRoute[],
  basePath: string,
  problems: string[],
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
    if (route.token !== 'user' && route.token !== 'none') problems.push(`routes[${index}].token: say "user" or "none"`)
    problems.push(...targetProblems(route.target).map((problem) => `routes[${index}].target: ${problem}`))
    return [{ match: route.match, segments, target: route.target.replace(/\/+$/, ''), token: route.token }]
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
): ReadonlyMap<string, readonly SecureRoute[]> {
  const checked = new Map<string, readonly SecureRoute[]>()
  for (const [name, client] of Object.entries(clients)) {
    if (client.resource !== undefined && client.resource !== resource) {
      problems.push(
        `clients.${name}.resource: must be the BFF's resource (${resource ?? 'none is set'}): a session's tokens are for one audience`,
      )
    }
    if (!/^https?:\/\//i.test(client.baseAddress)) {
      problems.push(`clients.${name}.baseAddress: "${client.baseAddress}" is no http(s) URL`)
      continue
    }
    try {
      checked.set(name, parseSecureRoutes([client.baseAddress], client.baseAddress))
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems.map((problem) => problem.replace('secureRoutes', `clients.${name}.baseAddress`)))
    }
  }
  return checked
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
