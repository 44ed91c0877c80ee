import type { ActorClaim, ClientMetadata } from '@latchkey/protocol'
import type { Resource } from '../../config.ts'
import { identityScopes } from '../../tokens/token-scope.ts'

/** A token that was presented for exchange, proven to be valid now. */
export interface ExchangedToken {
  readonly type: 'access_token' | 'refresh_token' | 'id_token' | 'jwt'
  /** Who issued it: this provider, or a trusted issuer. */
  readonly issuer: string
  readonly sub: string
  /** Whom it was issued to, where this provider did. */
  readonly clientId: string | null
  readonly scope: readonly string[]
  /** The APIs it is for. */
  readonly resources: readonly string[]
  /** Epoch seconds. */
  readonly expiresAt: number
  /** Who acts already. @spec RFC 8693 §4.1 */
  readonly act: ActorClaim | undefined
}

export interface TokenExchangeRequest {
  readonly client: Omit<ClientMetadata, 'client_secret'>
  readonly subject: ExchangedToken
  /** Null: the client asks to be taken for the subject (impersonation). @spec RFC 8693 §1.1 */
  readonly actor: ExchangedToken | null
  /** The API the new token is for. */
  readonly resource: Resource | null
  /** What was asked for; empty for whatever may be had. */
  readonly scope: readonly string[]
}

export type TokenExchangeDecision =
  | { readonly outcome: 'granted'; readonly scope: readonly string[] }
  /** `because` goes to the client's developer. */
  | { readonly outcome: 'denied'; readonly because: string }
  | { readonly outcome: 'wrong-target'; readonly because: string }
  | { readonly outcome: 'wrong-scope'; readonly because: string }

/** Who may exchange which token for what. `may_act`, revocation and lifetimes are enforced besides. */
export type TokenExchangePolicy = (
  request: TokenExchangeRequest,
) => TokenExchangeDecision | Promise<TokenExchangeDecision>

/**
 * What registration alone allows, and nothing else: a token that is the client's own or that was meant for one of its
 * APIs, a target that its `resources` list, and scopes that the subject has or that its `scope` lists.
 * @spec RFC 8693 §2.1, §5
 */
export const registeredTokenExchange: TokenExchangePolicy = (request) => {
  const { client, subject, actor, resource } = request
  if (subject.type === 'refresh_token') return denied('refresh tokens are not exchanged here')
  if (subject.type === 'id_token') return denied('ID tokens are not exchanged here: nobody can take one back')
  const isOwn = subject.clientId === client.client_id
  const isReceived = subject.resources.some((identifier) => client.resources.includes(identifier))
  if (subject.clientId !== null && !isOwn && !isReceived) {
    return denied('the subject_token is neither of this client nor for one of the resources it is registered for')
  }
  if (actor !== null && actor.clientId !== client.client_id) {
    return denied('the actor_token was not issued to this client')
  }
  if (resource === null) return { outcome: 'wrong-target', because: 'name the resource that the new token is for' }
  if (!client.resources.includes(resource.identifier)) {
    return { outcome: 'wrong-target', because: 'the registration of this client does not list the resource' }
  }
  return narrowed(request, resource)
}

/** Asking for nothing gives what there is, without what speaks of the person. */
function narrowed({ client, subject, scope }: TokenExchangeRequest, resource: Resource): TokenExchangeDecision {
  const listed = client.scope.split(' ')
  const ofTarget = resource.scopes.filter((value) => subject.scope.includes(value) || listed.includes(value))
  const personal = subject.scope.filter((value) => identityScopes.has(value) && value !== 'offline_access')
  const excess = scope.filter((value) => !ofTarget.includes(value) && !personal.includes(value))
  if (excess.length > 0) {
    return {
      outcome: 'wrong-scope',
      because: `not in the subject_token nor listed for this client: ${excess.join(' ')}`,
    }
  }
  return { outcome: 'granted', scope: scope.length === 0 ? ofTarget : scope }
}

function denied(because: string): TokenExchangeDecision {
  return { outcome: 'denied', because }
}
