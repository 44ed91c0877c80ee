import type { Runtime } from '@latchkey/protocol'

/** Headers of one connection, or of this origin alone. @spec RFC 9110 §7.6.1 */
const notForwarded = [
  'accept-encoding',
  'connection',
  'content-length',
  'cookie',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]
const notReturned = [
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'set-cookie',
  'transfer-encoding',
]

/** Passes a request for `path` (with query) on to one API, streaming both ways; redirects are the caller's to follow. */
export function createApiProxy(apiUrl: string, runtime: Pick<Runtime, 'fetch'>) {
  const target = new URL(apiUrl)
  return async (request: Request, path: string): Promise<Response> => {
    const headers = without(request.headers, notForwarded)
    headers.set('accept-encoding', 'identity')
    try {
      const answer = await runtime.fetch(`${target.origin}${path}`, {
        method: request.method,
        headers,
        body: request.body,
        redirect: 'manual',
        signal: request.signal,
        ...(request.body === null ? {} : { duplex: 'half' }),
      } as RequestInit)
      return new Response(answer.body, { status: answer.status, headers: without(answer.headers, notReturned) })
    } catch {
      return Response.json(
        { title: 'Bad Gateway', status: 502, detail: `The API at ${target.origin} does not answer.` },
        { status: 502, headers: { 'content-type': 'application/problem+json' } },
      )
    }
  }
}

function without(headers: Headers, names: readonly string[]): Headers {
  const kept = new Headers(headers)
  for (const name of names) kept.delete(name)
  return kept
}
