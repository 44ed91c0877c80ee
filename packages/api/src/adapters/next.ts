import type { AccessToken } from '../access-token.ts'
import { type ApiGuard, type ApiGuardOptions, createApiGuard } from '../api-guard.ts'
import { fetchRequest, withHeaders } from '../fetch-request.ts'
import { type ProtectedResourceOptions, protectedResource } from '../protected-resource.ts'
import type { Refusal } from '../refusal.ts'
import { type Requirement, type Requirements, refuseUnguarded, requirements } from '../requirements.ts'

/** A route handler that is also given the verified access token; undefined only where none is required. */
export type GuardedHandler<Asked extends Request, Context> = (
  request: Asked,
  context: Context & Auth,
) => Response | Promise<Response>

type Auth = { readonly auth: AccessToken | undefined }
type NamedRequirement = readonly [requirement: Requirement, name: string]

/** Wraps route handlers: `export const GET = protect(handler, requiredScopes('read:messages'))`. @throws ConfigError at start */
export function auth(options: ApiGuardOptions | ApiGuard) {
  const guard = 'authenticate' in options ? options : createApiGuard(options)
  function protect<Asked extends Request, Context extends object = object>(
    handler: GuardedHandler<Asked, Context>,
    ...needed: readonly NamedRequirement[]
  ) {
    return async (request: Asked, context?: Context) => {
      const decision = await guard.authenticate(fetchRequest(request))
      if (decision.outcome === 'refused') return respond(decision.refusal)
      const token = decision.outcome === 'admitted' ? decision.auth : undefined
      for (const [requirement, name] of needed) {
        const refusal = token === undefined ? refuseUnguarded(name) : requirement(token)
        if (refusal !== null) return respond(refusal)
      }
      const response = await handler(request, { ...context, auth: token } as Context & Auth)
      const headers = decision.outcome === 'admitted' ? decision.headers : undefined
      return headers === undefined ? response : withHeaders(response, headers)
    }
  }
  return Object.assign(protect, { guard })
}

/** Given to `protect` behind the handler. */
const dialect: Requirements<NamedRequirement> = requirements((requirement, name) => [requirement, name])
export const { requiredScopes, scopeIncludesAny, claimEquals, claimIncludes, claimCheck, stepUp } = dialect

/** An answer of server-sent events that ends with the token. */
export { eventStreamResponse as eventStream } from '../streams/event-stream.ts'

/** The handler of the metadata's route. @spec RFC 9728 §3 */
export function resourceMetadata(options: ProtectedResourceOptions): () => Response {
  const { headers, body } = protectedResource(options)
  return () => new Response(body, { headers })
}

function respond({ status, headers, body }: Refusal): Response {
  return new Response(body, { status, headers })
}
