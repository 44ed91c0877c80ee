import { type ServerMetadata, scopeClaims, signingAlgs } from '@latchkey/protocol'
import type { Endpoint } from './http/endpoint.ts'
import type { Parts } from './parts.ts'
import { mutualTlsMetadata } from './sender-constraint/mutual-tls.ts'
import { identityScopes } from './tokens/token-scope.ts'

/** What the provider says of itself, computed from the endpoints it has. @spec RFC 8414 §2; OIDC Discovery §3 */
export function createMetadata(
  parts: Pick<Parts, 'issuer' | 'resources' | 'mutualTls'>,
  endpoints: readonly Endpoint[],
): ServerMetadata {
  const { issuer, resources } = parts
  const described = endpoints.map((endpoint) => endpoint.metadata?.(issuer + endpoint.path) ?? {})
  const apiScopes = [...resources.values()].flatMap((resource) => resource.scopes)
  const own = {
    issuer,
    scopes_supported: [...new Set([...identityScopes, ...apiScopes])],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: signingAlgs,
    claims_supported: ['sub', ...Object.values(scopeClaims).flat(), ...idTokenClaims],
  }
  const whole = Object.assign(own, ...described) as ServerMetadata
  return { ...whole, ...mutualTlsMetadata(parts, whole) }
}

const idTokenClaims = ['iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'acr', 'amr', 'at_hash', 'sid']
