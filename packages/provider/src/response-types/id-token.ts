import { createIdToken } from '../tokens/id-token.ts'
import type { ResponseType } from './response-type.ts'

/** An ID token in the answer itself, bound to what stands beside it. @spec OIDC Core §3.2.2.10, §3.3.2.11 */
export const idToken: ResponseType = {
  name: 'id_token',
  grantType: 'implicit',
  carriesToken: true,
  async issue(parts, { request, grounds, account }, answer) {
    const { client, scope, nonce, replyTo } = request
    const basis = { client, grounds, scope, resource: null, account, nonce }
    const now = Math.floor(parts.runtime.now())
    const { access_token: accessToken, code } = answer
    return { id_token: await createIdToken(parts, basis, { account, now, accessToken, code, state: replyTo.state }) }
  },
}
