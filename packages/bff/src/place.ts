import type { Endpoint } from './endpoints/endpoint.ts'
import { endpoints } from './endpoints/index.ts'
import { readPath, startsWithSegments } from './proxy/path.ts'
import type { CheckedRoute } from './proxy/routes.ts'
import type { Settings } from './settings.ts'
import type { SiteFolder } from './site/site-files.ts'

/** Whose path a request's is. */
export type Place =
  | { readonly kind: 'endpoint'; readonly endpoint: Endpoint }
  | { readonly kind: 'route'; readonly route: CheckedRoute; readonly rest: string }
  | { readonly kind: 'file'; readonly folder: SiteFolder; readonly segments: readonly string[] }
  | { readonly kind: 'ambiguous' | 'unknown' | 'elsewhere' }

/** What could be read as one of ours is never left to someone else's reading. */
export function placeOf(settings: Pick<Settings, 'basePath' | 'routes' | 'site'>, path: string): Place {
  const { basePath, routes } = settings
  const base = basePath.split('/').slice(1)
  const read = readPath(path)
  if (read.kind === 'ambiguous') {
    const ours = [base, ...routes.map((route) => route.segments), ...(settings.site ? [settings.site.segments] : [])]
    const touches = read.readings.some((reading) => ours.some((prefix) => startsWithSegments(reading, prefix)))
    return { kind: touches ? 'ambiguous' : 'elsewhere' }
  }
  if (startsWithSegments(read.segments, base)) {
    const name = `/${read.segments.slice(base.length).join('/')}`
    const endpoint = endpoints.find((candidate) => candidate.path === name)
    return endpoint === undefined ? { kind: 'unknown' } : { kind: 'endpoint', endpoint }
  }
  const route = routes.find((candidate) => startsWithSegments(read.segments, candidate.segments))
  if (route === undefined) return ofTheSite(settings.site, read.segments, path)
  return {
    kind: 'route',
    route,
    rest: read.raw
      .slice(route.segments.length)
      .map((part) => `/${part}`)
      .join(''),
  }
}

/** A development server is asked for the whole path, a folder for what comes after the site's own. */
function ofTheSite(site: Settings['site'], segments: readonly string[], path: string): Place {
  if (site === undefined || !startsWithSegments(segments, site.segments)) return { kind: 'elsewhere' }
  if (site.kind === 'server') return { kind: 'route', route: site.route, rest: path }
  return { kind: 'file', folder: site.folder, segments: segments.slice(site.segments.length) }
}
