import { type Form, OAuthError, type OAuthErrorCode, parseScope } from '@latchkey/protocol'
import type { Resource } from '../config.ts'
import type { Grounds } from '../store/store.ts'
import { oneOf, permittedResource, requestedResources } from '../tokens/target-resource.ts'
import { refuseDetails } from '../tokens/token-details.ts'
import { tokenScope } from '../tokens/token-scope.ts'
import type { GrantFactory } from './grant.ts'
import { actorClaim, checkMayAct } from './token-exchange/actor.ts'
import type { TokenExchangeDecision } from './token-exchange/policy.ts'
import { type ReadToken, readToken, tokenTypePrefix } from './token-exchange/read-token.ts'

/** One token for another, for another API or in another's name. @spec RFC 8693 §2 */
export const tokenExchange: GrantFactory = (parts) => ({
  type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  async authorize({ client, form }) {
    refuseDetails(form)
    const clientId = client.metadata.client_id
    form.require('subject_token')
    const subject = await readToken('subject_token', { parts, client, form })
    if (subject === null) throw new Error('a subject_token that is there was not read')
    const actor = await readToken('actor_token', { parts, client, form })
    checkMayAct(subject, actor, { clientId, issuer: parts.issuer })
    const asked = oneOf(requestedResources(form, client, parts.resources))
    const own = subject.token.resources[0]
    const resource =
      asked ?? (own !== undefined && parts.resources.has(own) ? permittedResource(own, client, parts.resources) : null)
    const issuedTokenType = requestedType(form, resource)
    const scope = parseScope(form.get('scope'))
    const decision = await parts.tokenExchange({
      client: client.metadata,
      subject: subject.token,
      actor: actor?.token ?? null,
      resource,
      scope,
    })
    const granted = tokenScope(scopeOf(decision), client, { resource, claimsOfScopes: parts.claimsOfScopes })
    const act = actorClaim(subject, actor)
    return {
      client,
      grounds: {
        ...inherited(subject),
        clientId,
        sub: subject.token.sub,
        scope: granted,
        resources: resource === null ? [] : [resource.identifier],
        cnf: null,
        ...(act === undefined ? {} : { act }),
      },
      scope: granted,
      resource,
      account: null,
      nonce: null,
      // @spec RFC 8693 §2.2.1: never longer than what it was made from
      notAfter: Math.min(subject.token.expiresAt, actor?.token.expiresAt ?? Infinity),
      issuedTokenType,
      proof: { kind: 'token' },
    }
  },
})

/** The new token joins the family of the subject's, so that whatever ends that ends this. */
function inherited({ origin }: ReadToken): Pick<Grounds, 'familyId' | 'sid' | 'authTime' | 'acr' | 'amr'> {
  const { familyId, sid, authTime, acr, amr } = origin
  return { familyId, sid, authTime, acr, amr }
}

/** @spec RFC 8693 §2.1, §3 */
function requestedType(form: Form, resource: Resource | null): string {
  const accessToken = `${tokenTypePrefix}access_token`
  const requested = form.get('requested_token_type') ?? accessToken
  if (requested === accessToken) return accessToken
  if (requested !== `${tokenTypePrefix}jwt`) {
    throw new OAuthError('invalid_request', `requested_token_type must be ${accessToken} or ${tokenTypePrefix}jwt`)
  }
  if (resource?.access_token_format !== 'jwt') {
    throw new OAuthError('invalid_request', 'access tokens of this resource are no JWTs')
  }
  return requested
}

const refusals: Readonly<Record<Exclude<TokenExchangeDecision['outcome'], 'granted'>, OAuthErrorCode>> = {
  denied: 'invalid_request',
  'wrong-target': 'invalid_target',
  'wrong-scope': 'invalid_scope',
}

/** @spec RFC 8693 §2.2.2 */
function scopeOf(decision: TokenExchangeDecision): readonly string[] {
  if (decision.outcome === 'granted') return decision.scope
  throw new OAuthError(refusals[decision.outcome], decision.because)
}
