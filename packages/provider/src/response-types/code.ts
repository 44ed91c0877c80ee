import { newHandle } from '../crypto.ts'
import type { ResponseType } from './response-type.ts'

/** @spec RFC 6749 §4.1.2; OIDC Core §3.1.2.5 */
export const code: ResponseType = {
  name: 'code',
  grantType: 'authorization_code',
  carriesToken: false,
  async issue(parts, { request, grounds }) {
    const { handle, hash } = newHandle(parts.runtime)
    const now = Math.floor(parts.runtime.now())
    await parts.store.codes.create({
      hash,
      grounds,
      redirectUri: request.replyTo.redirectUri,
      redirectUriGiven: request.replyTo.redirectUriGiven,
      nonce: request.nonce,
      codeChallenge: request.codeChallenge,
      createdAt: now,
      expiresAt: now + parts.lifetimes.authorization_code,
    })
    return { code: handle }
  },
}
