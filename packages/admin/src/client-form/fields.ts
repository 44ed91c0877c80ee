import {
  type ClientMetadata,
  clientMetadataFields,
  supportedGrantTypes,
  supportedResponseTypes,
} from '@latchkey/protocol'
import type { Resource } from '@latchkey/provider'

/** What an administrator may set; the provider chooses client_id and client_secret. */
export type FormField = Exclude<keyof ClientMetadata, 'client_id' | 'client_secret'>

/** What stands in the form, checked or not: lines for redirects, chosen options for lists. */
export type ClientDraft = Readonly<Record<FormField, string | boolean | readonly string[]>>

export const labels: Readonly<Record<FormField, string>> = {
  client_name: 'Name',
  client_uri: 'Home page',
  logo_uri: 'Logo',
  policy_uri: 'Privacy policy',
  tos_uri: 'Terms of service',
  contacts: 'Contacts',
  software_id: 'Software',
  software_version: 'Software version',
  application_type: 'Runs',
  initiate_login_uri: 'Sign-in starts at',
  token_endpoint_auth_method: 'Type',
  token_endpoint_auth_signing_alg: 'Assertion signature',
  jwks: 'Public keys',
  jwks_uri: 'Address of its public keys',
  tls_client_auth_subject_dn: 'Certificate subject',
  tls_client_auth_san_dns: 'Certificate DNS name',
  tls_client_auth_san_uri: 'Certificate URI',
  tls_client_auth_san_ip: 'Certificate IP address',
  tls_client_auth_san_email: 'Certificate mail address',
  tls_client_certificate_bound_access_tokens: 'Bind tokens to the certificate',
  dpop_bound_access_tokens: 'Bind tokens to a DPoP key',
  require_pkce: 'Require PKCE',
  grant_types: 'Grant types',
  response_types: 'Response types',
  redirect_uris: 'Redirect URIs',
  post_logout_redirect_uris: 'Post-logout redirect URIs',
  backchannel_logout_uri: 'Back-channel logout URI',
  backchannel_logout_session_required: 'Logout tokens name the session',
  frontchannel_logout_uri: 'Front-channel logout URI',
  frontchannel_logout_session_required: 'Front-channel logout names the session',
  scope: 'Scope',
  resources: 'Resources',
  access_token_status_list: 'Status lists in access tokens',
  revocation_feed: 'Reads the revocation feed',
  require_consent: 'Ask for consent',
  refresh_token_requires_offline_access: 'Refresh tokens wait for offline_access',
  refresh_token_policy: 'Refresh tokens',
  default_access_token_lifetime: 'Access token lifetime',
  id_token_signed_response_alg: 'ID token signature',
  id_token_encrypted_response_alg: 'ID token encryption',
  id_token_encrypted_response_enc: 'ID token content encryption',
  userinfo_signed_response_alg: 'Userinfo signature',
  userinfo_encrypted_response_alg: 'Userinfo encryption',
  userinfo_encrypted_response_enc: 'Userinfo content encryption',
  scope_claims_in_id_token: 'Scope claims in ID tokens',
  introspection_signed_response_alg: 'Introspection signature',
  introspection_encrypted_response_alg: 'Introspection encryption',
  introspection_encrypted_response_enc: 'Introspection content encryption',
  authorization_encrypted_response_alg: 'Authorization response encryption',
  authorization_encrypted_response_enc: 'Authorization response content encryption',
  subject_type: 'Knows people by',
  sector_identifier_uri: 'Address of its sector',
  request_object_signing_alg: 'Request object signature',
  request_uris: 'Request URIs',
  require_signed_request_object: 'Require signed requests',
  require_pushed_authorization_requests: 'Require pushed requests',
  authorization_signed_response_alg: 'Response signature',
  default_max_age: 'Sign-in may be old',
  default_acr_values: 'Authentication contexts',
  authorization_details_types: 'Types of authorization details',
  backchannel_token_delivery_mode: 'Learns of CIBA decisions by',
  backchannel_client_notification_endpoint: 'CIBA notification endpoint',
  backchannel_authentication_request_signing_alg: 'CIBA request signature',
  backchannel_user_code_parameter: 'CIBA user code',
}

/** Groups of the form, in reading order. */
export const formSections: readonly { readonly title: string; readonly fields: readonly FormField[] }[] = [
  {
    title: 'Application',
    fields: ['client_name', 'application_type', 'client_uri', 'logo_uri', 'policy_uri', 'tos_uri', 'contacts'],
  },
  { title: 'Credentials', fields: ['token_endpoint_auth_method', 'require_pkce', 'jwks', 'jwks_uri'] },
  {
    title: 'Certificate',
    fields: [
      'tls_client_auth_subject_dn',
      'tls_client_auth_san_dns',
      'tls_client_auth_san_uri',
      'tls_client_auth_san_ip',
      'tls_client_auth_san_email',
    ],
  },
  { title: 'Sign-in', fields: ['grant_types', 'response_types', 'redirect_uris', 'initiate_login_uri'] },
  {
    title: 'Sign-out',
    fields: [
      'post_logout_redirect_uris',
      'backchannel_logout_uri',
      'backchannel_logout_session_required',
      'frontchannel_logout_uri',
      'frontchannel_logout_session_required',
    ],
  },
  {
    title: 'Requests',
    fields: [
      'require_pushed_authorization_requests',
      'require_signed_request_object',
      'request_object_signing_alg',
      'request_uris',
      'authorization_signed_response_alg',
      'default_max_age',
      'default_acr_values',
      'authorization_details_types',
      'backchannel_token_delivery_mode',
      'backchannel_client_notification_endpoint',
      'backchannel_authentication_request_signing_alg',
      'backchannel_user_code_parameter',
    ],
  },
  { title: 'Access', fields: ['scope', 'resources', 'require_consent', 'access_token_status_list', 'revocation_feed'] },
  {
    title: 'Tokens',
    fields: [
      'refresh_token_requires_offline_access',
      'refresh_token_policy',
      'default_access_token_lifetime',
      'id_token_signed_response_alg',
      'scope_claims_in_id_token',
      'userinfo_signed_response_alg',
      'introspection_signed_response_alg',
      'dpop_bound_access_tokens',
      'tls_client_certificate_bound_access_tokens',
    ],
  },
  {
    title: 'Encryption',
    fields: [
      'id_token_encrypted_response_alg',
      'id_token_encrypted_response_enc',
      'userinfo_encrypted_response_alg',
      'userinfo_encrypted_response_enc',
      'introspection_encrypted_response_alg',
      'introspection_encrypted_response_enc',
      'authorization_encrypted_response_alg',
      'authorization_encrypted_response_enc',
    ],
  },
  { title: 'Subjects', fields: ['subject_type', 'sector_identifier_uri'] },
]

export const formFields: readonly FormField[] = formSections.flatMap(({ fields }) => fields)

/** What to know besides the field's own line in the registry. */
export const hints: Readonly<Partial<Record<FormField, string>>> = {
  redirect_uris: 'One a line.',
  post_logout_redirect_uris: 'One a line.',
  contacts: 'One a line.',
  request_uris: 'One a line.',
  default_acr_values: 'One a line, best first.',
  authorization_details_types: 'One a line.',
  jwks: 'A JWK Set, such as {"keys": [ … ]}; never a private key.',
  tls_client_auth_subject_dn: 'With tls_client_auth, exactly one field of this group is filled in.',
  scope: 'Separated by spaces.',
  require_pkce: 'Always on for public clients. Switch it on for every application that can send one.',
}

/** An option in people's words; the technical name stands beside it. */
export const optionWords: Readonly<Record<string, string>> = {
  client_secret_post: 'Confidential: runs on a server, sends its secret in the request body',
  client_secret_basic: 'Confidential: runs on a server, sends its secret in the Authorization header',
  client_secret_jwt: 'Confidential: runs on a server, signs with its secret',
  private_key_jwt: 'Confidential: runs on a server, signs with a private key',
  tls_client_auth: 'Confidential: shows a certificate of an authority',
  self_signed_tls_client_auth: 'Confidential: shows a certificate of its own',
  none: 'Public: runs in a browser or on a device, has no secret',
  authorization_code: 'Sign people in',
  implicit: 'Get tokens in the authorization response itself',
  refresh_token: 'Renew access without asking again',
  client_credentials: 'Act for itself, without a person',
  'urn:ietf:params:oauth:grant-type:device_code': 'Sign people in on a device without a browser',
  'urn:ietf:params:oauth:grant-type:token-exchange': 'Exchange a token for one of another API',
  'urn:ietf:params:oauth:grant-type:jwt-bearer': 'Present an assertion of a trusted issuer',
  'urn:openid:params:grant-type:ciba': 'Ask people for approval on their own device',
  rotate: 'Each refresh brings a new one',
  reuse: 'Stay the same until they expire',
  fapi: 'Stay the same where they are bound to the client or a key',
  public: 'The same identifier as other applications',
  pairwise: 'An identifier that only its own sector knows',
  web: 'On a host of its own',
  native: 'On the person’s device',
  code: 'A code, exchanged at the token endpoint',
  id_token: 'An ID token in the answer itself',
  'id_token token': 'An ID token and an access token in the answer itself',
  'code id_token': 'A code, with an ID token beside it',
  'code token': 'A code, with an access token beside it',
  'code id_token token': 'A code, with an ID token and an access token beside it',
}

/** How a new client starts: every documented request works with it as it stands. */
export const newClientDefaults: Readonly<Partial<Record<FormField, unknown>>> = {
  token_endpoint_auth_method: 'client_secret_post',
  grant_types: ['authorization_code', 'refresh_token'],
  require_pkce: false,
}

/** What a list or a choice offers, values that are set but no longer offered included. */
export function optionsOf(field: FormField, resources: readonly Resource[], draft: ClientDraft): readonly string[] {
  const { kind } = clientMetadataFields[field]
  if (Array.isArray(kind)) return preferred(field, kind)
  const chosen = draft[field]
  const offered: Readonly<Partial<Record<FormField, readonly string[]>>> = {
    grant_types: supportedGrantTypes,
    response_types: supportedResponseTypes,
    resources: resources.map(({ identifier }) => identifier),
  }
  return [...new Set([...(offered[field] ?? []), ...(Array.isArray(chosen) ? (chosen as readonly string[]) : [])])]
}

/** The default of the form comes first. */
function preferred(field: FormField, options: readonly string[]): readonly string[] {
  const first = newClientDefaults[field]
  return [...options].sort((a, b) => Number(b === first) - Number(a === first))
}
