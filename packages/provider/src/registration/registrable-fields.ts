import { type ClientMetadata, clientMetadataFields } from '@latchkey/protocol'

/**
 * The names in IANA's registry of client metadata. Fields of our own, which loosen or widen what a client may do, are
 * not in it: a client never chooses those for itself. @spec RFC 7591 §2, §4.1
 */
const registryNames: ReadonlySet<string> = new Set(
  `redirect_uris token_endpoint_auth_method grant_types response_types client_name client_uri logo_uri scope contacts
tos_uri policy_uri jwks_uri jwks software_id software_version application_type sector_identifier_uri subject_type
id_token_signed_response_alg id_token_encrypted_response_alg id_token_encrypted_response_enc
userinfo_signed_response_alg userinfo_encrypted_response_alg userinfo_encrypted_response_enc
request_object_signing_alg request_object_encryption_alg request_object_encryption_enc
token_endpoint_auth_signing_alg default_max_age require_auth_time default_acr_values initiate_login_uri request_uris
tls_client_certificate_bound_access_tokens tls_client_auth_subject_dn tls_client_auth_san_dns tls_client_auth_san_uri
tls_client_auth_san_ip tls_client_auth_san_email require_signed_request_object require_pushed_authorization_requests
introspection_signed_response_alg introspection_encrypted_response_alg introspection_encrypted_response_enc
frontchannel_logout_uri frontchannel_logout_session_required backchannel_logout_uri
backchannel_logout_session_required post_logout_redirect_uris authorization_details_types dpop_bound_access_tokens
backchannel_token_delivery_mode backchannel_client_notification_endpoint
backchannel_authentication_request_signing_alg backchannel_user_code_parameter
authorization_signed_response_alg authorization_encrypted_response_alg authorization_encrypted_response_enc`.split(
    /\s+/,
  ),
)

/** Names with a language, such as `client_name#de`, are left to the one without. @spec RFC 7591 §2.2 */
export function isRegistrable(name: string): name is keyof ClientMetadata & string {
  return registryNames.has(name) && name in clientMetadataFields
}
