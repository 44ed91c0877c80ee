import { ConfigError, isSecureRoute, parseSecureRoutes, type SecureRoute } from '@latchkey/protocol'
import type { RouteMatch } from './auth.ts'
import type { AuthConfig, SecureRouteRow } from './auth-config.ts'
import { given } from './given.ts'

/** The rows of the route table, checked, the most specific first. */
export type RouteTable = readonly Route[]

interface Route extends RouteMatch {
  readonly route: SecureRoute
  /** In capitals; null for all. */
  readonly methods: readonly string[] | null
}

const members = ['url', 'methods', 'resource', 'scope', 'authentication']

/** Of rows that are wrong `problems` hears, of all at once; a row may name no resource that people are not asked for. */
export function parseRouteTable(
  { secureRoutes = [], resource: usual, resources = [] }: Pick<AuthConfig, 'secureRoutes' | 'resource' | 'resources'>,
  href: string,
  problems: string[],
): RouteTable {
  const seen = new Set<string>()
  const table = secureRoutes.flatMap((asWritten) => {
    const row = typeof asWritten === 'string' ? { url: asWritten } : asWritten
    const problem = (text: string) => problems.push(`secureRoutes: "${row.url}" ${text}`)
    for (const name of Object.keys(row)) {
      if (!members.includes(name)) problem(`has an unknown member ${name}; known are ${members.join(', ')}`)
    }
    if (row.resource !== undefined && row.resource !== usual && !resources.includes(row.resource)) {
      problem(`names the resource ${row.resource}, which nobody is asked for: add it to resources`)
    }
    const { route, methods } = parsed(row, href, problems)
    if (route === undefined) return []
    for (const method of methods ?? ['*']) {
      const key = [method, route.origin, ...route.segments].join(' ')
      if (seen.has(key)) problem('is in the table twice for the same method: which one is meant?')
      seen.add(key)
    }
    const { resource, scope, authentication = 'required' } = row
    const depth = route.segments.length
    return [
      {
        route,
        methods,
        authentication,
        depth,
        ...given({ resource, scope }),
      },
    ]
  })
  return table.sort((a, b) => b.depth - a.depth || (a.methods === null ? 1 : -1))
}

/** The same by itself. @throws ConfigError with every bad row at once. */
export function checkedRouteTable(config: Parameters<typeof parseRouteTable>[0], href: string): RouteTable {
  const problems: string[] = []
  const table = parseRouteTable(config, href, problems)
  if (problems.length > 0) throw new ConfigError(problems)
  return table
}

/** The most specific row for this request, or null: then no token goes there. */
export function routeFor(table: RouteTable, request: { url: string; method: string }, base: string): RouteMatch | null {
  const method = request.method.toUpperCase()
  const found = table.find(
    (row) => (row.methods === null || row.methods.includes(method)) && isSecureRoute(request.url, base, [row.route]),
  )
  if (found === undefined) return null
  const { route, methods, ...match } = found
  return match
}

function parsed(
  row: SecureRouteRow,
  href: string,
  problems: string[],
): { readonly route: SecureRoute | undefined; readonly methods: readonly string[] | null } {
  const methods = row.methods?.map((method) => method.toUpperCase()) ?? null
  try {
    return { route: parseSecureRoutes([row.url], href)[0], methods }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return { route: undefined, methods }
  }
}
