import { signingAlgs } from './algorithms.ts'
import type { ClientMetadata } from './client-metadata.ts'

/** How a client proves who it is. @spec RFC 7591 §2; OIDC Core §9; RFC 8705 §2 */
export const clientAuthMethodNames = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
] as const
export type ClientAuthMethodName = (typeof clientAuthMethodNames)[number]

/** Algorithms of client assertions: those of private keys, and the one that is keyed with the client's secret. */
export const clientAssertionAlgs = [...signingAlgs, 'HS256'] as const
export type ClientAssertionAlg = (typeof clientAssertionAlgs)[number]

/** Public keys of a client. @spec RFC 7517 §5 */
export interface ClientJwks {
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

/** What a client says of how it proves who it is, and of what its tokens are bound to. */
export interface ClientCredentialMetadata {
  readonly token_endpoint_auth_method: ClientAuthMethodName
  /** The algorithm of its client assertions; any that fits its method when left out. @spec OIDC Registration §2 */
  readonly token_endpoint_auth_signing_alg?: ClientAssertionAlg
  readonly jwks?: ClientJwks
  readonly jwks_uri?: string
  /** As RFC 4514 writes it. @spec RFC 8705 §2.1.2 */
  readonly tls_client_auth_subject_dn?: string
  readonly tls_client_auth_san_dns?: string
  readonly tls_client_auth_san_uri?: string
  readonly tls_client_auth_san_ip?: string
  readonly tls_client_auth_san_email?: string
  /** @spec RFC 8705 §3.4 */
  readonly tls_client_certificate_bound_access_tokens: boolean
  /** @spec RFC 9449 §5.2 */
  readonly dpop_bound_access_tokens: boolean
}

/** Their rows in the table of client fields. */
export const clientCredentialFields = {
  token_endpoint_auth_method: {
    kind: clientAuthMethodNames,
    default: 'client_secret_basic',
    says: 'How the client proves who it is; "none" makes it public.',
  },
  token_endpoint_auth_signing_alg: {
    kind: clientAssertionAlgs,
    says: 'The algorithm of its client assertions; any that fits its method when left out.',
  },
  jwks: { kind: 'jwks', says: 'Its public keys, written out.' },
  jwks_uri: { kind: 'url', says: 'Where its public keys stand.' },
  tls_client_auth_subject_dn: { kind: 'text', says: 'The subject of its certificate, as RFC 4514 writes it.' },
  tls_client_auth_san_dns: { kind: 'text', says: 'The DNS name in its certificate.' },
  tls_client_auth_san_uri: { kind: 'text', says: 'The URI in its certificate.' },
  tls_client_auth_san_ip: { kind: 'text', says: 'The IP address in its certificate.' },
  tls_client_auth_san_email: { kind: 'text', says: 'The mail address in its certificate.' },
  tls_client_certificate_bound_access_tokens: {
    kind: 'boolean',
    default: false,
    says: 'Whether its tokens work only with the certificate they were fetched with.',
  },
  dpop_bound_access_tokens: {
    kind: 'boolean',
    default: false,
    says: 'Whether its tokens work only with proofs of the key they were fetched with.',
  },
} as const

/** Whether clients of this method hold a secret. */
export function usesClientSecret(method: ClientAuthMethodName): boolean {
  return method === 'client_secret_basic' || method === 'client_secret_post' || method === 'client_secret_jwt'
}

const certificateNames = [
  'tls_client_auth_subject_dn',
  'tls_client_auth_san_dns',
  'tls_client_auth_san_uri',
  'tls_client_auth_san_ip',
  'tls_client_auth_san_email',
] as const

/** What does not fit together in how a client authenticates. @spec RFC 7591 §2; RFC 8705 §2.1.2; RFC 7518 §3.2 */
export function* clientCredentialProblems(client: ClientMetadata): Generator<string> {
  const { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: alg, client_secret: secret } = client
  if (client.jwks !== undefined && client.jwks_uri !== undefined) yield 'jwks must be left out when there is jwks_uri'
  if (client.jwks !== undefined) yield* jwksProblems(client.jwks)
  const hasKeys = client.jwks !== undefined || client.jwks_uri !== undefined
  if ((method === 'private_key_jwt' || method === 'self_signed_tls_client_auth') && !hasKeys)
    yield `jwks or jwks_uri is missing; ${method} needs one of them`
  if (method === 'client_secret_jwt' && secret !== undefined && new TextEncoder().encode(secret).length < 32)
    yield 'client_secret must have at least 32 bytes when it signs assertions (RFC 7518 §3.2)'
  if (alg !== undefined && method === 'private_key_jwt' && alg === 'HS256')
    yield `token_endpoint_auth_signing_alg must be one of ${signingAlgs.join(', ')} for private_key_jwt`
  if (alg !== undefined && method === 'client_secret_jwt' && alg !== 'HS256')
    yield 'token_endpoint_auth_signing_alg must be HS256 for client_secret_jwt'
  const names = certificateNames.filter((name) => client[name] !== undefined)
  if (method === 'tls_client_auth' && names.length !== 1)
    yield `token_endpoint_auth_method tls_client_auth needs exactly one of ${certificateNames.join(', ')}`
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/** @spec RFC 7517 §4, §5; RFC 7518 §3.3 */
export function* jwksProblems(jwks: unknown): Generator<string> {
  const keys = typeof jwks === 'object' && jwks !== null && 'keys' in jwks ? jwks.keys : undefined
  if (!Array.isArray(keys) || keys.length === 0) return yield 'jwks must be an object with a list of keys'
  for (const [index, key] of keys.entries()) {
    const at = `jwks has a key at ${index} that`
    if (typeof key !== 'object' || key === null || typeof key.kty !== 'string') yield `${at} is no JWK`
    else if (privateMembers.some((member) => member in key)) yield `${at} is secret; give only its public members`
    else if (key.kty === 'RSA' && (typeof key.n !== 'string' || key.n.length < 342))
      yield `${at} is an RSA key of less than 2048 bits`
  }
}
