import { newHandle } from '../crypto.ts'
import type { CodeRecord } from '../store/store.ts'
import type { ResponseType } from './response-type.ts'

/** @spec RFC 6749 §4.1.2; OIDC Core §3.1.2.5 */
export const code: ResponseType = {
  name: 'code',
  grantType: 'authorization_code',
  carriesToken: false,
  async issue(parts, { request, grounds }) {
    const { handle, hash } = newHandle(parts.runtime)
    const now = Math.floor(parts.runtime.now())
    const record: CodeRecord = {
      hash,
      grounds,
      redirectUri: request.replyTo.redirectUri,
      redirectUriGiven: request.replyTo.redirectUriGiven,
      nonce: request.nonce,
      codeChallenge: request.codeChallenge,
      createdAt: now,
      expiresAt: now + parts.lifetimes.authorization_code,
    }
    await parts.store.codes.create(record)
    parts.issuedHere.codes.note(record)
    return { code: handle }
  },
}
