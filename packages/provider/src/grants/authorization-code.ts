import { isCodeVerifier, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { constantTimeEqual, hashHandle, sha256 } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { CodeRecord } from '../store/store.ts'
import { agreed } from './agreed.ts'
import type { GrantFactory } from './grant.ts'

/** @spec RFC 6749 §4.1.3; RFC 7636 §4.6 */
export const authorizationCode: GrantFactory = (parts) => ({
  type: 'authorization_code',
  async authorize({ client, form }) {
    const code = await findCode(parts, form.require('code'), client)
    checkRedirectUri(code, form.get('redirect_uri'))
    checkVerifier(code, form.get('code_verifier'), client)
    const { grounds } = code
    return {
      ...(await agreed(parts, { client, form, grounds, scope: grounds.scope })),
      nonce: code.nonce,
      proof: { kind: 'code', hash: code.hash },
    }
  },
})

/** Also finds a code that was consumed: only `codes.redeem` may tell a first use from a second. */
async function findCode(parts: Parts, presented: string, client: RegisteredClient): Promise<CodeRecord> {
  const hash = hashHandle(presented)
  const code = hash === null ? null : (parts.issuedHere.codes.take(hash) ?? (await parts.store.codes.find(hash)))
  if (code === null) throw new OAuthError('invalid_grant', 'the code is unknown, expired or used')
  const { clientId } = code.grounds
  if (clientId !== client.metadata.client_id) {
    const detail = `code of "${clientId}" presented by "${client.metadata.client_id}"`
    throw new OAuthError('invalid_grant', 'the code is unknown, expired or used', { detail })
  }
  return code
}

/** The one of this code, not any that is registered. @spec RFC 6749 §4.1.3 */
function checkRedirectUri(code: CodeRecord, presented: string | undefined): void {
  if (presented === undefined) {
    if (!code.redirectUriGiven) return
    throw new OAuthError('invalid_grant', 'redirect_uri is missing; the authorization request had one')
  }
  if (presented !== code.redirectUri) {
    throw new OAuthError('invalid_grant', 'redirect_uri is not the one of the authorization request')
  }
}

/** @spec RFC 7636 §4.6; RFC 9700 §2.1.1 */
function checkVerifier(code: CodeRecord, verifier: string | undefined, client: RegisteredClient): void {
  const { codeChallenge } = code
  if (codeChallenge === null) {
    if (verifier !== undefined) {
      // @spec RFC 9700 §4.8.2: a stripped challenge must not go unnoticed
      throw new OAuthError('invalid_grant', 'code_verifier was sent, but the authorization request had no challenge')
    }
    if (client.metadata.token_endpoint_auth_method === 'none') {
      throw new OAuthError('invalid_grant', 'a public client needs PKCE: the authorization request had no challenge')
    }
    return
  }
  if (verifier === undefined) throw new OAuthError('invalid_grant', 'code_verifier is missing')
  if (!isCodeVerifier(verifier)) {
    throw new OAuthError('invalid_grant', 'code_verifier must be 43 to 128 unreserved characters')
  }
  if (!constantTimeEqual(sha256(verifier), codeChallenge)) {
    throw new OAuthError('invalid_grant', 'code_verifier does not fit the code_challenge')
  }
}
