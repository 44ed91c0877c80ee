import { OAuthError } from '@latchkey/protocol'
import type { Parts } from '../parts.ts'
import { randomText } from '../random-text.ts'
import type { Soon } from '../soon.ts'
import { type ClientOrigins, corsHeaders, preflight } from './cors.ts'
import type { Endpoint, EndpointRequest } from './endpoint.ts'
import { errorResponse } from './error-response.ts'
import { createRoutes, readTarget } from './routes.ts'

interface DoorOptions {
  readonly parts: Parts
  readonly endpoints: readonly Endpoint[]
  readonly origins: ClientOrigins
  /** Pages beside the provider's own: asked when no endpoint has the path. */
  readonly otherPages: (request: Request) => Promise<Response> | null
}

/** Unique, and of no use to whoever guesses one. */
const requestIdSigns = 16

const security = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const

/** From a Request to the endpoint that answers it, and the one catch around that. Never rejects. */
export function createDoor(options: DoorOptions): (request: Request) => Promise<Response> {
  const { parts, origins } = options
  const find = createRoutes(options.endpoints, parts.basePath)
  const elsewhere = elsewhereEndpoints(options.otherPages)
  return async (request) => {
    const { path, query } = readTarget(request.url)
    const requestId = randomText(parts.runtime, requestIdSigns)
    const endpoint = find(path) ?? (wantsPage(request) ? elsewhere.person : elsewhere.machine)
    const headers: Record<string, string> = { 'x-request-id': requestId, ...security }
    const asked: EndpointRequest = {
      request,
      path: endpoint.atRoot ? path : path.slice(parts.basePath.length),
      query,
      requestId,
      headers,
    }
    try {
      const cors = corsHeaders(endpoint.cors, request, origins)
      Object.assign(headers, cors instanceof Promise ? await cors : cors)
      const answering = answer(endpoint, asked)
      const response = answering instanceof Promise ? await answering : answering
      // What a person did stands in the audit trail before they are told so; machines' entries follow in batches.
      if (endpoint.audience === 'person') await parts.audit.settled(requestId)
      return finish(response, endpoint, asked)
    } catch (error) {
      return finish(errorResponse(parts, { error, endpoint, request: asked }), endpoint, asked)
    }
  }
}

function answer(endpoint: Endpoint, asked: EndpointRequest): Soon<Response> {
  const { method } = asked.request
  if (endpoint.methods.includes(method) || (method === 'HEAD' && endpoint.methods.includes('GET'))) {
    return endpoint.handle(asked)
  }
  if (method === 'OPTIONS' && endpoint.cors !== 'none') return preflight(endpoint, asked.headers)
  throw new OAuthError('method_not_allowed', `this address does not answer ${method.slice(0, 20)}`)
}

function finish(response: Response, endpoint: Endpoint, asked: EndpointRequest): Response {
  const whole = endpoint.audience === 'person' ? dressed(response, asked) : response
  return asked.request.method === 'HEAD' ? new Response(null, { status: whole.status, headers: whole.headers }) : whole
}

/** Sets what every answer carries on one that was made without it; what the page chose for itself stays. */
function dressed(response: Response, asked: EndpointRequest): Response {
  try {
    setMissing(response.headers, asked.headers)
    return response
  } catch {
    // Response.redirect() makes headers that cannot be changed.
    const headers = new Headers(response.headers)
    setMissing(headers, asked.headers)
    return new Response(response.body, { status: response.status, headers })
  }
}

function setMissing(headers: Headers, wanted: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(wanted)) if (!headers.has(name)) headers.set(name, wanted[name] ?? '')
}

function wantsPage(request: Request): boolean {
  return (request.headers.get('accept') ?? '').includes('text/html')
}

/** Addresses that are no endpoint's: other pages, or nothing. */
function elsewhereEndpoints(otherPages: DoorOptions['otherPages']): { person: Endpoint; machine: Endpoint } {
  const endpoint = (audience: Endpoint['audience']): Endpoint => ({
    path: '',
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    cors: 'none',
    audience,
    handle: async (asked) => {
      const page = otherPages(asked.request)
      if (page === null) throw new OAuthError('not_found', 'there is nothing at this address')
      return dressed(await page, asked)
    },
  })
  return { person: endpoint('person'), machine: endpoint('machine') }
}
