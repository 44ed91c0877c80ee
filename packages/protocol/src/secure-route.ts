import { ConfigError } from './config-error.ts'

/** An exact origin and the decoded segments of a path. As a row of the route table it covers every path that starts with them. */
export interface SecureRoute {
  readonly origin: string
  readonly segments: readonly string[]
}

/**
 * Checks a route table. A row is an absolute http(s) URL, or a path starting with `/` on `baseUrl`'s origin.
 * @throws ConfigError with every bad row at once.
 */
export function parseSecureRoutes(rows: readonly string[], baseUrl: string): readonly SecureRoute[] {
  const routes = rows.flatMap((row) => parseSecureRoute(row, baseUrl) ?? [])
  const wrong = rows.filter((row) => !parseSecureRoute(row, baseUrl))
  if (wrong.length > 0) throw new ConfigError(wrong.map((row) => `secureRoutes: "${row}" ${noRoute}`))
  return routes
}

/** The end of the sentence about a row that is none. */
export const noRoute = 'is no URL or path without wildcard, user, query or encoded slash'

/** One row; undefined where it is none. */
export function parseSecureRoute(row: string, baseUrl: string): SecureRoute | undefined {
  return /^(https?:\/)?\/(?!\/)[^*?#\\\s]*$/i.test(row) ? placeOf(row, baseUrl) : undefined
}

/** Whether a token may go to `url`: the very origin, and the route's segments at its start. Anything ambiguous is a no. */
export function isSecureRoute(url: string, baseUrl: string, routes: readonly SecureRoute[]): boolean {
  const place = placeOf(url, baseUrl)
  return place !== undefined && routes.some((route) => covers(route, place))
}

/** Whether `place` is on the route's very origin and starts with its whole segments. */
export function covers({ origin, segments }: SecureRoute, place: SecureRoute): boolean {
  return origin === place.origin && segments.every((segment, index) => segment === place.segments[index])
}

/** Where an address leads; undefined where it is none, has a user name, or two servers could read its path differently. */
export function placeOf(address: string, baseUrl: string): SecureRoute | undefined {
  /** Empty and dot segments, also with the path parameters that some servers cut off (`..;`), and what some decode late. */
  const ambiguous = /^\.{0,2}(;|$)|[/\\%\u0000]/
  try {
    const { origin, username, password, pathname } = new URL(address, baseUrl)
    const segments = pathname.replace(/\/+$/, '').split('/').slice(1).map(fullyDecoded)
    return username || password || segments.some((segment) => ambiguous.test(segment))
      ? undefined
      : { origin, segments }
  } catch {
    return undefined
  }
}

function fullyDecoded(segment: string): string {
  return decodeURIComponent(decodeURIComponent(decodeURIComponent(segment)))
}
