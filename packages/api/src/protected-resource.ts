import { ConfigError } from '@latchkey/protocol'
import type { TokenPlace } from './credentials.ts'

/** What an API says of itself. @spec RFC 9728 §2 */
export interface ProtectedResourceOptions {
  /** The API's address as clients know it: an https URL, also its audience. */
  readonly resource: string
  readonly authorizationServers: readonly string[]
  readonly scopesSupported?: readonly string[]
  readonly resourceName?: string
  readonly resourceDocumentation?: string
  /** Whether only DPoP-bound tokens are taken. */
  readonly dpopBoundAccessTokensRequired?: boolean
  readonly dpopSigningAlgs?: readonly string[]
  /** The guard's `tokenPlaces`: the header alone unless said otherwise. */
  readonly tokenPlaces?: readonly TokenPlace[]
  /** Whether only tokens bound to a client certificate are taken. */
  readonly tlsClientCertificateBoundAccessTokens?: boolean
  /** Types of `authorization_details`. @spec RFC 9396 §10 */
  readonly authorizationDetailsTypesSupported?: readonly string[]
  readonly resourcePolicyUri?: string
  readonly resourceTosUri?: string
}

export interface ProtectedResource {
  /** Where the document stands at the API's origin. @spec RFC 9728 §3.1 */
  readonly path: string
  /** The whole address, for the `resource_metadata` of challenges. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** @throws ConfigError when `resource` is no https URL without a fragment */
export function protectedResource(options: ProtectedResourceOptions): ProtectedResource {
  const { resource } = options
  const url = URL.canParse(resource) ? new URL(resource) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hash !== '') {
    throw new ConfigError([`resource: "${resource}" must be an https URL without a fragment (RFC 9728 §1.2)`])
  }
  const path = `/.well-known/oauth-protected-resource${url.pathname === '/' ? '' : url.pathname}`
  const document = {
    resource,
    authorization_servers: options.authorizationServers,
    scopes_supported: options.scopesSupported,
    bearer_methods_supported: (options.tokenPlaces ?? ['header']).map((place) => (place === 'form' ? 'body' : place)),
    resource_name: options.resourceName,
    resource_documentation: options.resourceDocumentation,
    resource_policy_uri: options.resourcePolicyUri,
    resource_tos_uri: options.resourceTosUri,
    tls_client_certificate_bound_access_tokens: options.tlsClientCertificateBoundAccessTokens,
    authorization_details_types_supported: options.authorizationDetailsTypesSupported,
    dpop_bound_access_tokens_required: options.dpopBoundAccessTokensRequired,
    dpop_signing_alg_values_supported: options.dpopSigningAlgs,
  }
  return {
    path,
    url: url.origin + path + url.search,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
    },
    body: JSON.stringify(document),
  }
}
