import type { Endpoint } from './endpoint.ts'

/** The path without a slash at its end, and the query, without building a URL. */
export function readTarget(url: string): { readonly path: string; readonly query: string } {
  const start = url.indexOf('/', url.indexOf('//') + 2)
  if (start === -1) return { path: '/', query: '' }
  const fragment = url.indexOf('#', start)
  const end = fragment === -1 ? url.length : fragment
  const mark = url.indexOf('?', start)
  const pathEnd = mark === -1 || mark > end ? end : mark
  const slash = pathEnd > start + 1 && url[pathEnd - 1] === '/'
  return {
    path: url.slice(start, slash ? pathEnd - 1 : pathEnd),
    query: pathEnd === end ? '' : url.slice(pathEnd + 1, end),
  }
}

/** From a path to its endpoint: one look-up, then the few that own everything below theirs. */
export function createRoutes(endpoints: readonly Endpoint[], basePath: string): (path: string) => Endpoint | undefined {
  const pathOf = (endpoint: Endpoint) => (endpoint.atRoot ? endpoint.path : basePath + endpoint.path)
  const exact = new Map(endpoints.map((endpoint) => [pathOf(endpoint), endpoint]))
  const prefixes = endpoints
    .filter((endpoint) => endpoint.prefix)
    .map((endpoint) => [`${pathOf(endpoint)}/`, endpoint] as const)
  return (path) => exact.get(path) ?? prefixes.find(([prefix]) => path.startsWith(prefix))?.[1]
}
