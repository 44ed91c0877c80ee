import type { TokenSet } from '@latchkey/client'
import { decodeBase64url, encodeBase64url, ProtocolError } from '@latchkey/protocol'

/**
 * Where the ID token says which access token it came with, it must be this one.
 * @throws ProtocolError `id_token_invalid`
 * @spec OIDC Core §3.1.3.8
 */
export async function checkAccessTokenHash({ idToken, claims, accessToken }: TokenSet): Promise<void> {
  if (idToken === null || claims?.at_hash === undefined) return
  const header = decodeBase64url(idToken.split('.', 1)[0] ?? '')
  const { alg }: { alg?: unknown } = JSON.parse(new TextDecoder().decode(header ?? new Uint8Array()))
  const bits =
    /^(?:ES|RS|PS|HS)(256|384|512)$/.exec(String(alg))?.[1] ?? (alg === 'EdDSA' || alg === 'Ed25519' ? '512' : null)
  if (bits === null) throw new ProtocolError('id_token_invalid', 'the ID token is signed with an unknown algorithm')
  const digest = new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, new TextEncoder().encode(accessToken)))
  if (encodeBase64url(digest.subarray(0, digest.length / 2)) !== claims.at_hash) {
    throw new ProtocolError('id_token_invalid', 'the ID token belongs to another access token (at_hash)')
  }
}
