import { ConfigError } from './config-error.ts'

/** One row of the route table, checked: an exact origin and whole path segments. */
export interface SecureRoute {
  readonly origin: string
  /** Decoded segments; the route covers every path that starts with all of them. */
  readonly segments: readonly string[]
}

/**
 * Checks a route table. A row is an absolute http(s) URL, or a path starting with `/` on `baseUrl`'s origin.
 * @throws ConfigError with every bad row at once.
 */
export function parseSecureRoutes(rows: readonly string[], baseUrl: string): readonly SecureRoute[] {
  const problems: string[] = []
  const routes = rows.flatMap((row) => {
    const route = parseSecureRoute(row, baseUrl)
    if (typeof route !== 'string') return [route]
    problems.push(`secureRoutes: "${row}" ${route}`)
    return []
  })
  if (problems.length > 0) throw new ConfigError(problems)
  return routes
}

/** Whether a token may go to `url`: the very origin, and the route's segments at its start. Anything ambiguous is a no. */
export function isSecureRoute(url: string, baseUrl: string, routes: readonly SecureRoute[]): boolean {
  const target = URL.canParse(url, baseUrl) ? new URL(url, baseUrl) : undefined
  if (target === undefined || target.username !== '' || target.password !== '') return false
  const segments = pathSegments(target.pathname)
  if (segments === undefined) return false
  return routes.some(
    (route) => route.origin === target.origin && route.segments.every((segment, index) => segments[index] === segment),
  )
}

function parseSecureRoute(row: string, baseUrl: string): SecureRoute | string {
  if (row.includes('*')) return 'has a wildcard: name the origin and the path; every child path is covered anyway'
  const absolute = /^https?:\/\//i.test(row)
  if (!absolute && (!row.startsWith('/') || row.startsWith('//'))) {
    return 'is neither an http(s) URL nor a path starting with one "/"'
  }
  const url = URL.canParse(row, baseUrl) ? new URL(row, baseUrl) : undefined
  if (url === undefined) return 'is no valid URL'
  if (url.username !== '' || url.password !== '') return 'has a user name or password: remove it'
  if (url.search !== '' || url.hash !== '') return 'has a query or fragment: remove it'
  const segments = pathSegments(url.pathname)
  if (segments === undefined) return 'has an encoded slash, backslash or dot segment: write the plain path'
  return { origin: url.origin, segments }
}

/** Dot segments, also with the path parameters that some servers cut off (`..;`), and separators that some undo late. */
const ambiguous = /^\.{1,2}(;|$)|[/\\\u0000]/

/** The decoded segments, or undefined where two servers could read the path differently. */
function pathSegments(pathname: string): readonly string[] | undefined {
  const parts = pathname.replace(/\/+$/, '').split('/').slice(1)
  const segments: string[] = []
  for (const part of parts) {
    const segment = fullyDecoded(part)
    if (segment === undefined || segment === '' || ambiguous.test(segment)) {
      return undefined
    }
    segments.push(segment)
  }
  return segments
}

function fullyDecoded(part: string): string | undefined {
  let text = part
  try {
    for (let round = 0; round < 3 && text.includes('%'); round++) text = decodeURIComponent(text)
  } catch {
    return undefined
  }
  return text
}
