import type { Context, MiddlewareHandler } from 'hono'
import type { AccessToken } from '../access-token.ts'
import { type ApiGuard, type ApiGuardOptions, createApiGuard } from '../api-guard.ts'
import { fetchRequest } from '../fetch-request.ts'
import { type ProtectedResourceOptions, protectedResource } from '../protected-resource.ts'
import { type Requirements, refuseUnguarded, requirements } from '../requirements.ts'
import { type EventSource, eventStreamResponse } from '../streams/event-stream.ts'

declare module 'hono' {
  interface ContextVariableMap {
    /** The verified access token, behind `auth()`. */
    auth: AccessToken | undefined
  }
}

/** Lets a request pass only with a valid access token, as `c.get('auth')`. @throws ConfigError at start */
export function auth(options: ApiGuardOptions | ApiGuard): MiddlewareHandler & { readonly guard: ApiGuard } {
  const guard = 'authenticate' in options ? options : createApiGuard(options)
  const middleware: MiddlewareHandler = async (c, next) => {
    const form = () => (c.req.raw.bodyUsed ? c.req.parseBody() : undefined)
    const further = { form, certificate: certificateOf(c) }
    const decision = await guard.authenticate(fetchRequest(c.req.raw, further))
    if (decision.outcome === 'refused') return new Response(decision.refusal.body, decision.refusal)
    if (decision.outcome === 'anonymous') return next()
    c.set('auth', decision.auth)
    for (const name in decision.headers) c.header(name, decision.headers[name])
    return next()
  }
  return Object.assign(middleware, { guard })
}

/** Stand behind `auth()`. */
const dialect: Requirements<MiddlewareHandler> = requirements((requirement, name) => async (c, next) => {
  const token = c.get('auth')
  const refusal = token === undefined ? refuseUnguarded(name) : requirement(token)
  return refusal === null ? next() : new Response(refusal.body, refusal)
})
export const { requiredScopes, scopeIncludesAny, claimEquals, claimIncludes, claimCheck, stepUp } = dialect

/** An answer of server-sent events that ends with the token. */
export function eventStream(c: Context, source: EventSource): Response {
  const token = c.get('auth')
  const refusal = refuseUnguarded('eventStream')
  return token === undefined ? new Response(refusal.body, refusal) : eventStreamResponse(token, source)
}

/** Answers `/.well-known/oauth-protected-resource`; every other request goes on. @spec RFC 9728 §3 */
export function resourceMetadata(options: ProtectedResourceOptions): MiddlewareHandler {
  const { path, headers, body } = protectedResource(options)
  return async (c, next) => (c.req.path === path ? new Response(body, { headers }) : next())
}

type NodeEnvironment = { incoming?: { socket?: { getPeerCertificate?(): { raw?: Uint8Array } | null } } } | undefined

/** On Node the connection stands in the environment. */
function certificateOf(c: Context): () => Uint8Array | undefined {
  return () => (c.env as NodeEnvironment)?.incoming?.socket?.getPeerCertificate?.()?.raw
}
