import type { Endpoint } from './endpoint.ts'

/** Who else may be asked whether an origin belongs to a client. */
export interface ClientOrigins {
  /** Whether some client has a redirect URI on this origin. */
  isClientOrigin(origin: string): Promise<boolean>
}

type Headers = Readonly<Record<string, string>>

const exposed = 'www-authenticate, x-request-id, retry-after, dpop-nonce, date'
const anyOrigin: Headers = { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed }
const byOrigin: Headers = { vary: 'origin' }
const none: Headers = {}

/**
 * What CORS adds to an answer. Never with credentials: no cookie reaches these endpoints from another origin.
 * `Vary` stands on every answer that depends on the origin, also where there was none. @spec Fetch §3.2
 */
export function corsHeaders(
  cors: Endpoint['cors'],
  request: Request,
  clients: ClientOrigins,
): Headers | Promise<Headers> {
  if (cors === 'none') return none
  if (cors === 'public') return anyOrigin
  const origin = request.headers.get('origin')
  return origin === null || origin === 'null' ? byOrigin : clientHeaders(origin, clients)
}

async function clientHeaders(origin: string, clients: ClientOrigins): Promise<Headers> {
  if (!(await clients.isClientOrigin(origin))) return byOrigin
  return { vary: 'origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed }
}

/** The answer to a preflight; a foreign origin gets one without permission. @spec Fetch §3.2.2 */
export function preflight(endpoint: Endpoint, cors: Headers): Response {
  const permission =
    cors['access-control-allow-origin'] === undefined
      ? {}
      : {
          'access-control-allow-methods': endpoint.methods.join(', '),
          'access-control-allow-headers': 'authorization, content-type, dpop',
          'access-control-max-age': '600',
        }
  return new Response(null, { status: 204, headers: { ...cors, ...permission } })
}
