import { decodeBase64url, type JsonObject, ProtocolError } from '@latchkey/protocol'
import { utf8 } from '../encoding.ts'
import { algorithmOf, readJwt } from '../jwt/json-web-signature.ts'
import { insist, readAnswer } from './answer.ts'
import type { IdTokenCheck } from './id-token.ts'
import type { ProviderConnection } from './provider-connection.ts'

type Jwk = JsonWebKey & { readonly kid?: string }

/**
 * Checks the signature of ID tokens with the provider's published keys. They are fetched when the first token comes, and
 * again when none of them verifies one.
 * @throws ProtocolError `id_token_invalid`; `keys_unavailable` (retryable) while the keys cannot be had.
 * @spec OIDC Core §3.1.3.7, §10.1; RFC 7515 §5.2
 */
export function idTokenSignatures(): IdTokenCheck {
  /** Keys are asked for again at most this often, in seconds, however many unknown `kid`s come. */
  const pauseSeconds = 30
  let keys: readonly Jwk[] = []
  let askedAt = Number.NEGATIVE_INFINITY

  return async (connection, idToken) => {
    while (!(await verified(keys, idToken))) {
      const now = connection.runtime.now()
      insist('id_token_invalid', 'ID token', { signature: now - askedAt >= pauseSeconds })
      keys = await fetchKeys(connection)
      askedAt = now
    }
  }
}

async function fetchKeys(connection: ProviderConnection): Promise<readonly Jwk[]> {
  const { jwks_uri: url } = await connection.metadata()
  insist('discovery_failed', connection.issuer, { jwks_uri: url })
  const { keys, cause } = await connection
    .send(url, {})
    .then((response) => readAnswer(url, response))
    .catch((error: unknown): JsonObject => ({ cause: error }))
  if (Array.isArray(keys)) return keys
  throw new ProtocolError('keys_unavailable', `${url}: no keys`, { retryable: true, cause })
}

/** @spec RFC 7517 §4.2, §4.4, §4.5 */
async function verified(keys: readonly Jwk[], idToken: string): Promise<boolean> {
  const { header, signed, signature = '' } = readJwt(idToken)
  const { kid, alg } = header as { kid?: string; alg: string }
  const algorithm = algorithmOf(alg)
  for (const { kid: name, use = 'sig', alg: itsAlg = alg, key_ops, ...jwk } of keys) {
    if ((kid ?? name) !== name || use !== 'sig' || (itsAlg !== alg && jwk.kty !== 'OKP')) continue
    const valid = crypto.subtle
      .importKey('jwk', jwk, algorithm, false, ['verify'])
      .then((key) => crypto.subtle.verify(algorithm, key, decodeBase64url(signature) ?? utf8(''), utf8(signed)))
    if (await valid.catch(() => false)) return true
  }
  return false
}
