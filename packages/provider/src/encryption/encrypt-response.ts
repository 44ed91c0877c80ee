import { type ClientMetadata, defaultContentEncryption, type KeyManagementAlg, OAuthError } from '@latchkey/protocol'
import type { JWK } from 'jose'
import type { Jwk } from '../client-keys/client-keys.ts'
import { OutboundError } from '../outbound/outbound.ts'
import type { Parts } from '../parts.ts'

export type EncryptedResponse = 'id_token' | 'userinfo' | 'introspection' | 'authorization'

type Recipient = Pick<ClientMetadata, 'client_id' | 'jwks' | 'jwks_uri'> &
  Pick<ClientMetadata, `${EncryptedResponse}_encrypted_response_alg` | `${EncryptedResponse}_encrypted_response_enc`>

/** Whether this client wants that kind of answer encrypted. */
export function wantsEncrypted(client: Recipient, what: EncryptedResponse): boolean {
  return client[`${what}_encrypted_response_alg`] !== undefined
}

/**
 * Encrypts an answer to the client's own key where it registered that, and leaves it as it is otherwise.
 * @param content a signed JWT, which nests, or the JSON of claims
 * @throws OAuthError when the client's key cannot be had @spec RFC 7516 §3.1; RFC 7519 §5.2, §11.2
 */
export async function encryptResponse(
  { clientKeys }: Pick<Parts, 'clientKeys'>,
  client: Recipient,
  { what, content, nested }: { what: EncryptedResponse; content: string; nested: boolean },
): Promise<string> {
  const alg = client[`${what}_encrypted_response_alg`]
  if (alg === undefined) return content
  const enc = client[`${what}_encrypted_response_enc`] ?? defaultContentEncryption
  const { CompactEncrypt, importJWK } = await import('jose')
  const jwk = await recipientKey(clientKeys, client, alg)
  const kid = typeof jwk.kid === 'string' ? { kid: jwk.kid } : {}
  const type = nested ? { cty: 'JWT' } : {}
  return new CompactEncrypt(new TextEncoder().encode(content))
    .setProtectedHeader({ alg, enc, ...kid, ...type })
    .encrypt(await importJWK(publicPart(jwk), alg))
}

const keyTypes: Readonly<Record<KeyManagementAlg, readonly string[]>> = {
  'RSA-OAEP-256': ['RSA'],
  'ECDH-ES': ['EC', 'OKP'],
}

/** The first key that is meant for this. A set without one is read again once: the client may have changed its keys. */
async function recipientKey(clientKeys: Parts['clientKeys'], client: Recipient, alg: KeyManagementAlg): Promise<Jwk> {
  try {
    const key =
      fittingKey(await clientKeys.of(client), alg) ?? fittingKey((await clientKeys.renewed(client)) ?? [], alg)
    if (key !== undefined) return key
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    const detail = `the keys of "${client.client_id}": ${error.message}`
    throw new OAuthError('temporarily_unavailable', 'the keys of this client cannot be had now', {
      detail,
      cause: error,
    })
  }
  throw new OAuthError('invalid_client', `this client has no public key that fits ${alg}`)
}

function fittingKey(keys: readonly Jwk[], alg: KeyManagementAlg): Jwk | undefined {
  return keys.find(
    (key) =>
      keyTypes[alg].includes(String(key.kty)) &&
      key.crv !== 'Ed25519' &&
      (key.use === undefined || key.use === 'enc') &&
      (key.alg === undefined || key.alg === alg),
  )
}

function publicPart({ kty, crv, x, y, n, e }: Jwk): JWK {
  return { kty, crv, x, y, n, e } as JWK
}
