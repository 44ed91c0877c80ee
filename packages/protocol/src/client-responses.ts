import {
  type ContentEncryptionAlg,
  contentEncryptionAlgs,
  type KeyManagementAlg,
  keyManagementAlgs,
  type SigningAlg,
  signingAlgs,
} from './algorithms.ts'
import type { ClientMetadata } from './client-metadata.ts'
import { isLoopbackHost } from './issuer.ts'

/** What a client says of the tokens, claims and answers that it gets. @spec OIDC Registration §2; RFC 9701 §6; JARM §3 */
export interface ClientResponseMetadata {
  readonly id_token_signed_response_alg: SigningAlg
  readonly id_token_encrypted_response_alg?: KeyManagementAlg
  readonly id_token_encrypted_response_enc?: ContentEncryptionAlg
  /** Plain JSON when left out. */
  readonly userinfo_signed_response_alg?: SigningAlg
  readonly userinfo_encrypted_response_alg?: KeyManagementAlg
  readonly userinfo_encrypted_response_enc?: ContentEncryptionAlg
  /** Whether ID tokens tell what scopes tell also where userinfo would. @spec OIDC Core §5.4 */
  readonly scope_claims_in_id_token: boolean
  readonly introspection_signed_response_alg: SigningAlg
  readonly introspection_encrypted_response_alg?: KeyManagementAlg
  readonly introspection_encrypted_response_enc?: ContentEncryptionAlg
  readonly authorization_encrypted_response_alg?: KeyManagementAlg
  readonly authorization_encrypted_response_enc?: ContentEncryptionAlg
  /** Whether clients of other sectors know the same person under another `sub`. @spec OIDC Core §8 */
  readonly subject_type: 'public' | 'pairwise'
  readonly sector_identifier_uri?: string
}

/** Their rows in the table of client fields. */
export const clientResponseFields = {
  id_token_signed_response_alg: {
    kind: signingAlgs,
    default: 'RS256',
    says: 'The algorithm that signs its ID tokens.',
  },
  id_token_encrypted_response_alg: {
    kind: keyManagementAlgs,
    says: 'How its ID tokens are encrypted to its own key; not at all when left out.',
  },
  id_token_encrypted_response_enc: {
    kind: contentEncryptionAlgs,
    says: 'What encrypts the content of its ID tokens; A128CBC-HS256 when left out.',
  },
  userinfo_signed_response_alg: {
    kind: signingAlgs,
    says: 'The algorithm that signs userinfo for it; plain JSON when left out.',
  },
  userinfo_encrypted_response_alg: {
    kind: keyManagementAlgs,
    says: 'How userinfo is encrypted to its own key; not at all when left out.',
  },
  userinfo_encrypted_response_enc: {
    kind: contentEncryptionAlgs,
    says: 'What encrypts the content of userinfo; A128CBC-HS256 when left out.',
  },
  scope_claims_in_id_token: {
    kind: 'boolean',
    default: true,
    says: 'Whether ID tokens tell what scopes tell also where an access token for userinfo comes with them.',
  },
  introspection_signed_response_alg: {
    kind: signingAlgs,
    default: 'RS256',
    says: 'The algorithm that signs introspection answers, where it asks for signed ones.',
  },
  introspection_encrypted_response_alg: {
    kind: keyManagementAlgs,
    says: 'How signed introspection answers are encrypted to its own key; not at all when left out.',
  },
  introspection_encrypted_response_enc: {
    kind: contentEncryptionAlgs,
    says: 'What encrypts their content; A128CBC-HS256 when left out.',
  },
  authorization_encrypted_response_alg: {
    kind: keyManagementAlgs,
    says: 'How signed authorization responses are encrypted to its own key; not at all when left out.',
  },
  authorization_encrypted_response_enc: {
    kind: contentEncryptionAlgs,
    says: 'What encrypts their content; A128CBC-HS256 when left out.',
  },
  subject_type: {
    kind: ['public', 'pairwise'],
    default: 'public',
    says: 'Whether it knows people by the same sub as others, or by one of its own sector.',
  },
  sector_identifier_uri: {
    kind: 'url',
    says: 'Where the redirect URIs of its whole sector are listed; its host names the sector.',
  },
} as const

const encrypted = ['id_token', 'userinfo', 'introspection', 'authorization'] as const

/** @spec OIDC Registration §2, §5; OIDC Core §8.1; RFC 9701 §6 */
export function* clientResponseProblems(
  client: ClientMetadata & { readonly jwks?: unknown; readonly jwks_uri?: string },
): Generator<string> {
  for (const what of encrypted) {
    const alg = client[`${what}_encrypted_response_alg`]
    if (alg === undefined && client[`${what}_encrypted_response_enc`] !== undefined)
      yield `${what}_encrypted_response_enc needs ${what}_encrypted_response_alg`
    if (alg !== undefined && client.jwks === undefined && client.jwks_uri === undefined)
      yield `${what}_encrypted_response_alg needs a key to encrypt to: give jwks or jwks_uri`
  }
  const { sector_identifier_uri: uri } = client
  if (uri !== undefined) {
    const url = URL.canParse(uri) ? new URL(uri) : undefined
    if (url === undefined || (url.protocol !== 'https:' && !isLoopbackHost(url.hostname)))
      yield 'sector_identifier_uri must be an https URL'
  } else if (client.subject_type === 'pairwise' && new Set(client.redirect_uris.map(hostOf)).size !== 1) {
    yield 'subject_type is pairwise, so sector_identifier_uri is needed unless all redirect_uris have one host'
  }
}

/** The host that names a client's sector. @spec OIDC Core §8.1 */
export function sectorOf(
  client: Pick<ClientMetadata, 'client_id' | 'redirect_uris'> & { readonly sector_identifier_uri?: string },
): string {
  return hostOf(client.sector_identifier_uri ?? client.redirect_uris[0] ?? client.client_id)
}

function hostOf(uri: string): string {
  return URL.canParse(uri) && new URL(uri).host !== '' ? new URL(uri).host : uri
}
