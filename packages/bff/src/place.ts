import type { Endpoint } from './endpoints/endpoint.ts'
import { endpoints } from './endpoints/index.ts'
import { readPath, startsWithSegments } from './proxy/path.ts'
import type { CheckedRoute } from './proxy/routes.ts'
import type { Settings } from './settings.ts'

/** Whose path a request's is. */
export type Place =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'route'; readonly route: CheckedRoute; readonly rest: string }
  | { readonly kind: 'ambiguous' | 'unknown' | 'elsewhere' }

/** What could be read as one of ours is never left to someone else's reading. */
export function placeOf({ basePath, routes }: Settings, path: string): Place {
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
