import { contentEncryptionAlgs, keyManagementAlgs, type ServerMetadata } from '@latchkey/protocol'
import type { Endpoint } from './http/endpoint.ts'
import type { Parts } from './parts.ts'
import { algsUnder } from './profiles/profile.ts'
import { mutualTlsMetadata } from './sender-constraint/mutual-tls.ts'
import { subjectTypes } from './subjects/subjects.ts'
import { identityScopes } from './tokens/token-scope.ts'

/** What the provider says of itself, computed from the endpoints it has. @spec RFC 8414 §2; OIDC Discovery §3 */
export function createMetadata(
  parts: Pick<Parts, 'issuer' | 'resources' | 'claimsOfScopes' | 'mutualTls' | 'clientIdMetadataDocuments' | 'profile'>,
  endpoints: readonly Endpoint[],
): ServerMetadata {
  const { issuer, resources, claimsOfScopes } = parts
  const described = endpoints.map((endpoint) => endpoint.metadata?.(issuer + endpoint.path) ?? {})
  const apiScopes = [...resources.values()].flatMap((resource) => resource.scopes)
  const namedClaims = [...claimsOfScopes.values()].flatMap((told) => (typeof told === 'function' ? [] : told))
  const own = {
    issuer,
    scopes_supported: [...new Set([...identityScopes, ...claimsOfScopes.keys(), ...apiScopes])],
    subject_types_supported: subjectTypes,
    id_token_signing_alg_values_supported: algsUnder(parts.profile),
    id_token_encryption_alg_values_supported: keyManagementAlgs,
    id_token_encryption_enc_values_supported: contentEncryptionAlgs,
    ...(parts.clientIdMetadataDocuments ? { client_id_metadata_document_supported: true } : {}),
    claims_supported: [...new Set(['sub', ...namedClaims, ...idTokenClaims])],
  }
  const whole = Object.assign(own, ...described) as ServerMetadata
  return { ...whole, ...mutualTlsMetadata(parts, whole) }
}

const idTokenClaims = ['iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'at_hash', 'sid']
