import { ConfigError, covers, noRoute, parseSecureRoute, placeOf, type SecureRoute } from '@latchkey/protocol'
import type { Auth, RouteMatch } from './auth.ts'
import type { AuthConfig, SecureRouteRow } from './auth-config.ts'

/** The rows of the route table, checked, the most specific first. */
export type RouteTable = readonly Route[]

interface Route extends SecureRoute {
  /** In capitals; undefined for all. */
  readonly methods: readonly string[] | undefined
  readonly match: RouteMatch
}

type Rows = Pick<AuthConfig, 'secureRoutes' | 'resource' | 'resources'>

/** Of rows that are wrong `problems` hears, of all at once; a row may name no resource that people are not asked for. */
export function parseRouteTable({ secureRoutes = [], ...asked }: Rows, href: string, problems: string[]): RouteTable {
  const seen: string[] = []
  const resources = [undefined, asked.resource, ...(asked.resources ?? [])]
  const table = secureRoutes.flatMap((row) => {
    const asRow: SecureRouteRow = typeof row === 'string' ? { url: row } : row
    const { url, methods, resource, scope, authentication = 'required', ...unknown } = asRow
    const tell = (what: string) => problems.push(`secureRoutes: "${url}" ${what}`)
    for (const name of Object.keys(unknown)) tell(`has an unknown member ${name}`)
    if (!resources.includes(resource)) tell('has an unknown resource: add it to resources')
    const route = parseSecureRoute(url, href)
    if (!route) {
      tell(noRoute)
      return []
    }
    const inCapitals = methods?.map((method) => method.toUpperCase())
    for (const method of inCapitals ?? ['*']) {
      const key = [method, route.origin, ...route.segments].join(' ')
      if (seen.includes(key)) tell('is there twice for one method')
      seen.push(key)
    }
    const depth = route.segments.length
    return [
      {
        ...route,
        methods: inCapitals,
        match: { resource, scope, authentication, depth },
      },
    ]
  })
  return table.sort((a, b) => b.match.depth - a.match.depth || (a.methods ? -1 : 1))
}

/** The same by itself. @throws ConfigError with every bad row at once. */
export function checkedRouteTable(rows: Rows, href: string): RouteTable {
  const problems: string[] = []
  const table = parseRouteTable(rows, href, problems)
  if (problems.length > 0) throw new ConfigError(problems)
  return table
}

/** Finds the most specific row for a request, or null: then no token goes there. Relative addresses start at `base`. */
export function routesOf(table: RouteTable, base: () => string): Auth['routeFor'] {
  return (url, method = 'GET') => {
    const place = placeOf(url, base())
    const named = method.toUpperCase()
    const found = place && table.find((row) => covers(row, place) && (row.methods ?? [named]).includes(named))
    return found?.match ?? null
  }
}
