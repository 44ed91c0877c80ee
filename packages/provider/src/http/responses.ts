import type { EndpointRequest } from './endpoint.ts'

type Answering = Pick<EndpointRequest, 'headers'>

/** A JSON answer that no cache keeps. @spec RFC 6749 §5.1 */
export function json(
  { headers }: Answering,
  body: object,
  options: { status?: number; headers?: Record<string, string> } = {},
): Response {
  return new Response(JSON.stringify(body), {
    status: options.status ?? 200,
    headers: { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store', ...options.headers },
  })
}

/** An answer of headers alone that no cache keeps. */
export function empty({ headers }: Answering, status: number, more: Record<string, string> = {}): Response {
  return new Response(null, { status, headers: { ...headers, 'cache-control': 'no-store', ...more } })
}

/** JSON made once and sent as it is; anyone may keep it for `maxAgeSeconds`. */
export function fixedJson(
  { headers }: Answering,
  document: string | Uint8Array<ArrayBuffer>,
  maxAgeSeconds: number,
): Response {
  return new Response(document, {
    headers: { ...headers, 'content-type': 'application/json', 'cache-control': `public, max-age=${maxAgeSeconds}` },
  })
}

/** A JWT that no cache keeps. */
export function jwt(
  { headers }: Answering,
  body: string,
  options: { type: string; headers?: Readonly<Record<string, string>> },
): Response {
  return new Response(body, {
    headers: { ...headers, 'content-type': options.type, 'cache-control': 'no-store', ...options.headers },
  })
}
