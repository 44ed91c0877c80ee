import { OAuthError, statusListType } from '@latchkey/protocol'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { createStatusListTokens } from './status-list-token.ts'
import { type StatusListSettings, statusListPath } from './status-lists.ts'

/** Seconds for which what stands between may keep an answer: its readers count their `ttl` from when they got it. */
const longestOnTheWay = 5

/** The lists, and the list of lists at the path itself; nothing where they are switched off. @spec Token Status List §8, §9 */
export function statusListEndpoints(parts: Parts): readonly Endpoint[] {
  if (parts.statusLists === null) return []
  const { settings } = parts.statusLists
  const { store, runtime } = parts
  const tokens = createStatusListTokens(parts, settings)
  return [
    {
      path: statusListPath,
      prefix: true,
      methods: ['GET'],
      cors: 'public',
      audience: 'machine',
      metadata: (url) => ({ status_list_aggregation_endpoint: url }),
      async handle(asked) {
        if (asked.path === statusListPath) {
          const ids = await store.statusLists.current(Math.floor(runtime.now()))
          return json(asked, { status_lists: ids.map(settings.address) }, { headers: cacheHeaders(settings) })
        }
        // @spec Token Status List §8.4
        if (new URLSearchParams(asked.query).has('time')) {
          throw new OAuthError('invalid_request', 'statuses of the past are not kept', { status: 501 })
        }
        const token = await tokens.token(asked.path.slice(statusListPath.length + 1))
        if (token === null) throw new OAuthError('not_found', 'there is no such status list, or all its tokens expired')
        return answer(asked, token, settings)
      },
    },
  ]
}

/** @spec Token Status List §8.2 */
function answer({ request, headers: given }: EndpointRequest, token: string, settings: StatusListSettings): Response {
  const type = { 'content-type': `application/${statusListType}`, vary: 'accept-encoding' }
  const headers = { ...given, ...cacheHeaders(settings), ...type }
  if (!acceptsGzip(request)) return new Response(token, { headers })
  const packed = new Blob([token]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Response(packed, { headers: { ...headers, 'content-encoding': 'gzip' } })
}

function cacheHeaders({ ttl }: StatusListSettings) {
  return { 'cache-control': `public, max-age=${Math.min(ttl, longestOnTheWay)}` }
}

function acceptsGzip({ headers }: Request): boolean {
  return /(^|[,\s])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(headers.get('accept-encoding') ?? '')
}
