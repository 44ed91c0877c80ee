import type { ClientAuthMethodName, SigningAlg } from '@latchkey/protocol'
import type { Metadata, Profile, Shortfall } from './profile.ts'

const strongMethods: readonly ClientAuthMethodName[] = [
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
]
/** @spec FAPI 2.0 Security Profile §5.4.1 */
const strongAlgs = ['PS256', 'ES256', 'EdDSA'] as const
const codeSeconds = 60

/**
 * Pushed requests, PKCE, tokens bound to a key, clients that prove themselves without a secret, no RS256, and refresh
 * tokens that are not rotated. @spec FAPI 2.0 Security Profile §5.3.2, §5.4
 */
export const fapi2: Profile = {
  name: 'fapi2',
  options: (given) => ({
    ...given,
    requirePushedAuthorizationRequests: true,
    unsignedRequestObjects: false,
    lifetimes: {
      ...given.lifetimes,
      authorization_code: Math.min(codeSeconds, given.lifetimes?.authorization_code ?? codeSeconds),
    },
  }),
  client: (metadata) => ({
    ...metadata,
    require_pkce: true,
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: metadata.dpop_bound_access_tokens || !metadata.tls_client_certificate_bound_access_tokens,
    refresh_token_policy: 'fapi',
    id_token_signed_response_alg: strong(metadata.id_token_signed_response_alg),
    authorization_signed_response_alg: strong(metadata.authorization_signed_response_alg),
    introspection_signed_response_alg: strong(metadata.introspection_signed_response_alg),
    ...(metadata.userinfo_signed_response_alg === undefined
      ? {}
      : { userinfo_signed_response_alg: strong(metadata.userinfo_signed_response_alg) }),
  }),
  algs: strongAlgs,
  authMethods: strongMethods,
  responseTypes: ['code'],
  // @spec FAPI 2.0 Security Profile §5.3.2.1
  assertionsForIssuerAlone: true,
  // @spec FAPI 2.0 Security Profile §5.3.2.2
  redirectUriAlways: true,
  refusals: (metadata) => [...refusals(metadata)],
}

/** @spec FAPI 2.0 Security Profile §5.4.1 */
function strong(alg: SigningAlg): SigningAlg {
  return isStrong(alg) ? alg : 'PS256'
}

function isStrong(alg: string): boolean {
  return strongAlgs.some((each) => each === alg)
}

function* refusals(metadata: Metadata): Generator<Shortfall> {
  const { token_endpoint_auth_method: method, token_endpoint_auth_signing_alg: alg } = metadata
  if (!strongMethods.includes(method))
    yield {
      spec: 'FAPI 2.0 §5.3.2.1',
      problem: `it authenticates with ${method}`,
      fix: `register it with ${strongMethods.join(' or ')}`,
    }
  if (alg !== undefined && !isStrong(alg))
    yield {
      spec: 'FAPI 2.0 §5.4.1',
      problem: `its assertions are signed with ${alg}`,
      fix: 'set token_endpoint_auth_signing_alg to PS256, ES256 or EdDSA',
    }
  if (metadata.response_types.some((type) => type !== 'code'))
    yield {
      spec: 'FAPI 2.0 §5.3.2.2',
      problem: 'it may ask for tokens in the authorization response',
      fix: 'leave "code" alone in response_types',
    }
}
