import type { Auth } from '@latchkey/browser'
import type { AuthResult } from './auth-results.ts'

/** The middle part of a JWT; undefined for anything else. */
function payloadOf(token: string | null): string | undefined {
  const parts = token?.split('.') ?? []
  return parts.length === 3 && parts[1] !== '' ? parts[1] : undefined
}

/** Its claims, unchecked; null for anything that is no JWT. @spec RFC 7519 §3 */
function claimsOf(token: string | null): Readonly<Record<string, unknown>> | null {
  const payload = payloadOf(token)
  if (payload === undefined) return null
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes))
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** The claims, or with `encode` the part of the token that holds them. */
export function payload(token: string | null, encode: boolean): unknown {
  return encode ? (payloadOf(token) ?? '') : claimsOf(token)
}

/** What the token endpoint gave last, in its own names. @spec RFC 6749 §5.1 */
export function authResultOf(auth: Auth): AuthResult | null {
  const tokens = auth.getTokens()
  if (tokens === null) return null
  const { accessToken, tokenType, issuedAt, expiresAt, scope, idToken, refreshToken } = tokens
  return {
    access_token: accessToken,
    token_type: tokenType,
    expires_in: expiresAt - issuedAt,
    scope: scope.join(' '),
    ...(idToken === null ? {} : { id_token: idToken }),
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
  }
}
