import { issueFrontChannelToken } from '../tokens/issue-front-channel.ts'
import { tokenScope } from '../tokens/token-scope.ts'
import type { ResponseType } from './response-type.ts'

/** An access token in the answer itself, for the first API that was asked for. @spec OIDC Core §3.2.2.5 */
export const token: ResponseType = {
  name: 'token',
  grantType: 'implicit',
  carriesToken: true,
  async issue(parts, { request, grounds, account }) {
    const { client, resources, scope: granted } = request
    const resource = resources[0] ?? null
    const scope = tokenScope(granted, client, { resource, claimsOfScopes: parts.claimsOfScopes })
    const basis = { client, grounds, scope, resource, account, nonce: request.nonce }
    const { value, expiresIn } = await issueFrontChannelToken(parts, basis)
    return {
      access_token: value,
      // @spec RFC 9449 §5
      token_type: grounds.cnf?.jkt === undefined ? 'Bearer' : 'DPoP',
      expires_in: String(expiresIn),
      ...(scope.length === 0 ? {} : { scope: scope.join(' ') }),
    }
  },
}
