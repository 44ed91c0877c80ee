import { OAuthError } from './oauth-error.ts'

const verifier = /^[A-Za-z0-9._~-]{43,128}$/
const s256Challenge = /^[A-Za-z0-9_-]{43}$/

/** @spec RFC 7636 §4.1 */
export function isCodeVerifier(text: string): boolean {
  return verifier.test(text)
}

/**
 * The S256 challenge of an authorization request, or undefined when the request has none.
 * @throws OAuthError `invalid_request` for `plain`, a missing method (which means `plain`) or a malformed challenge.
 * @spec RFC 7636 §4.3; RFC 9700 §2.1.1
 */
export function readCodeChallenge(challenge: string | undefined, method: string | undefined): string | undefined {
  if (challenge === undefined) {
    if (method !== undefined) throw new OAuthError('invalid_request', 'code_challenge_method without code_challenge')
    return undefined
  }
  if (method !== 'S256') throw new OAuthError('invalid_request', 'code_challenge_method must be S256')
  if (!s256Challenge.test(challenge)) {
    throw new OAuthError(
      'invalid_request',
      'code_challenge must be the base64url SHA-256 of the verifier: 43 characters',
    )
  }
  return challenge
}
