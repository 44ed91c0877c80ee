import type { OAuthErrorCode } from './oauth-error.ts'

export interface ErrorHelp {
  readonly spec: string
  /** What led to it, for the client's developer. */
  readonly cause: string
  /** What to do about it. */
  readonly remedy: string
}

/**
 * Cause and remedy of every error code; docs/reference/errors.md is made of it. It stands apart from the codes, so that
 * no browser loads it.
 */
export const oauthErrorHelp: Readonly<Record<OAuthErrorCode, ErrorHelp>> = {
  invalid_request: {
    spec: 'RFC 6749 §4.1.2.1, §5.2; RFC 6750 §3.1',
    cause: 'A parameter is missing, malformed, or given twice, or two do not go together.',
    remedy: 'Correct what the description names. Sending the same request again changes nothing.',
  },
  invalid_client: {
    spec: 'RFC 6749 §5.2',
    cause: 'The client is unknown, or did not prove who it is in the way it registered.',
    remedy:
      'Compare client_id, secret or key, and token_endpoint_auth_method with the registration. The answer is the same for each on purpose; the server’s log says which it was.',
  },
  invalid_grant: {
    spec: 'RFC 6749 §5.2; RFC 9700 §4.14.2',
    cause: 'The code, refresh token or assertion is used, expired, ended, or was issued to another client.',
    remedy:
      'Send the person through sign-in again. A code is redeemed once, within a minute, with the redirect_uri and code_verifier of its request; of a rotated refresh token keep the newest alone.',
  },
  unauthorized_client: {
    spec: 'RFC 6749 §4.1.2.1, §5.2',
    cause: 'The client is not registered for this grant, response type or way of asking.',
    remedy: 'Add it to the client’s grant_types or response_types, or use one that is there.',
  },
  unsupported_grant_type: {
    spec: 'RFC 6749 §5.2',
    cause: 'The server has no such grant, or it is switched off.',
    remedy: 'Use one of grant_types_supported in the server’s metadata.',
  },
  unsupported_response_type: {
    spec: 'RFC 6749 §4.1.2.1',
    cause: 'The server has no such response type.',
    remedy: 'Use one of response_types_supported; "code" fits every application.',
  },
  unsupported_token_type: {
    spec: 'RFC 7009 §2.2.1; RFC 8693 §2.2.2',
    cause: 'The kind of token that was sent cannot be handled here.',
    remedy: 'Send an access token or a refresh token of this server.',
  },
  invalid_scope: {
    spec: 'RFC 6749 §3.3, §5.2',
    cause: 'A scope value is not one that this client, person or resource has to give.',
    remedy: 'Ask for less, add the value to the client’s scope, or name the resource that the value belongs to.',
  },
  invalid_target: {
    spec: 'RFC 8707 §2',
    cause: 'The resource or audience is not registered, not this client’s, or was not part of what was granted.',
    remedy: 'Send the identifier exactly as it is registered, and ask for it at the authorization endpoint too.',
  },
  access_denied: {
    spec: 'RFC 6749 §4.1.2.1; RFC 8628 §3.5',
    cause: 'The person said no, cancelled, or may not do this.',
    remedy: 'Tell the person that nothing was shared, and let them start again.',
  },
  authorization_pending: {
    spec: 'RFC 8628 §3.5; CIBA Core §11',
    cause: 'The person has not decided yet.',
    remedy: 'Ask again after the interval.',
  },
  slow_down: {
    spec: 'RFC 8628 §3.5; CIBA Core §11',
    cause: 'The client asked again before the interval was over.',
    remedy: 'Wait five seconds longer from now on between two requests.',
  },
  expired_token: {
    spec: 'RFC 8628 §3.5; CIBA Core §11',
    cause: 'The device code or request expired before the person decided.',
    remedy: 'Begin anew, and show the person the new code.',
  },
  unknown_user_id: {
    spec: 'CIBA Core §13',
    cause: 'The hint names nobody whom this server knows.',
    remedy: 'Check the login hint with the person.',
  },
  expired_login_hint_token: {
    spec: 'CIBA Core §13',
    cause: 'The login_hint_token has expired.',
    remedy: 'Get a fresh one from its issuer.',
  },
  invalid_binding_message: {
    spec: 'CIBA Core §13',
    cause: 'The binding message is too long or has characters that cannot be shown.',
    remedy: 'Send a short text of letters, digits and plain punctuation.',
  },
  missing_user_code: {
    spec: 'CIBA Core §13',
    cause: 'The person has a user code, and the request has none.',
    remedy: 'Ask the person for the code that they chose at the server, and send it as user_code.',
  },
  invalid_user_code: {
    spec: 'CIBA Core §13',
    cause: 'The user code is not the one of this person.',
    remedy: 'Ask the person again; after ten attempts within a quarter of an hour it has to wait.',
  },
  invalid_token: {
    spec: 'RFC 6750 §3.1',
    cause: 'The access token is expired, revoked, malformed, or made for someone else.',
    remedy: 'Renew it once with the refresh token; where that fails with invalid_grant, sign in again.',
  },
  use_dpop_nonce: {
    spec: 'RFC 9449 §8, §9',
    cause: 'The proof has no nonce, or one that is no longer fresh.',
    remedy: 'Make a new proof with the value of the DPoP-Nonce header of this answer, and send the request once more.',
  },
  invalid_dpop_proof: {
    spec: 'RFC 9449 §5, §7.1',
    cause: 'The DPoP proof is missing, was used before, or does not fit method, address, key, token or clock.',
    remedy: 'Make a fresh proof for each request, with the key that the token is bound to, and a clock that is right.',
  },
  insufficient_scope: {
    spec: 'RFC 6750 §3.1',
    cause: 'The access token does not carry the scope that is needed.',
    remedy: 'Ask for the scope that the WWW-Authenticate header names, in a new authorization request.',
  },
  insufficient_user_authentication: {
    spec: 'RFC 9470 §3',
    cause: 'The person signed in too long ago, or not strongly enough.',
    remedy: 'Send a new authorization request with the acr_values and max_age of the WWW-Authenticate header.',
  },
  login_required: {
    spec: 'OIDC Core §3.1.2.6',
    cause: 'prompt=none was asked for, and nobody is signed in, or not recently enough.',
    remedy: 'Send the request again without prompt=none when the person is there to answer.',
  },
  consent_required: {
    spec: 'OIDC Core §3.1.2.6',
    cause: 'prompt=none was asked for, and the person has not allowed all of this yet.',
    remedy: 'Send the request again without prompt=none, so that the person is asked.',
  },
  interaction_required: {
    spec: 'OIDC Core §3.1.2.6',
    cause: 'prompt=none was asked for, and the person has to do something first.',
    remedy: 'Send the request again without prompt=none.',
  },
  account_selection_required: {
    spec: 'OIDC Core §3.1.2.6',
    cause: 'prompt=none was asked for, and the person has to choose an account.',
    remedy: 'Send the request again without prompt=none.',
  },
  unmet_authentication_requirements: {
    spec: 'OIDC Unmet Authentication Requirements §2',
    cause: 'An essential acr was asked for that this sign-in could not reach.',
    remedy: 'Ask for one of acr_values_supported, or as a voluntary claim.',
  },
  invalid_authorization_details: {
    spec: 'RFC 9396 §5',
    cause: 'authorization_details is no list of objects, or one of them has an unknown type or a wrong member.',
    remedy: 'Use a type of authorization_details_types_supported, in the form its API describes.',
  },
  invalid_request_object: {
    spec: 'RFC 9101 §6.2; OIDC Core §3.1.2.6',
    cause: 'The request object does not decrypt or verify, has expired, or does not name this server and this client.',
    remedy:
      'Sign it with a registered key and algorithm; set iss to the client_id, aud to the issuer, and a short exp.',
  },
  invalid_request_uri: {
    spec: 'RFC 9101 §6.2; RFC 9126 §4',
    cause: 'The request_uri is unknown, used, expired, not registered, or could not be fetched.',
    remedy: 'Push the request again and use the new request_uri at once, or register the address in request_uris.',
  },
  request_not_supported: {
    spec: 'OIDC Core §3.1.2.6',
    cause: 'This server or client takes no request objects by value.',
    remedy: 'Send the parameters themselves.',
  },
  request_uri_not_supported: {
    spec: 'OIDC Core §3.1.2.6',
    cause: 'This server or client takes no request objects by reference.',
    remedy: 'Push the request (RFC 9126), or send the parameters themselves.',
  },
  registration_not_supported: {
    spec: 'OIDC Core §3.1.2.6',
    cause: 'The parameter "registration" was sent.',
    remedy: 'Register the client beforehand.',
  },
  invalid_redirect_uri: {
    spec: 'RFC 7591 §3.2.2',
    cause: 'A redirect URI cannot be registered.',
    remedy: 'Write each out whole, over https; an app on a device may use loopback or a scheme of its own.',
  },
  invalid_client_metadata: {
    spec: 'RFC 7591 §3.2.2; RFC 7592 §2.2',
    cause: 'A field of the registration has a value that cannot be, or that the server’s policy refuses.',
    remedy: 'Correct the field that the description names.',
  },
  invalid_software_statement: {
    spec: 'RFC 7591 §3.2.2',
    cause: 'The software statement is missing where one is required, or does not verify.',
    remedy: 'Send the statement as its issuer signed it, before it expires.',
  },
  unapproved_software_statement: {
    spec: 'RFC 7591 §3.2.2',
    cause: 'The software statement is of an issuer that this server does not trust.',
    remedy: 'Ask whoever runs the server to add the issuer, or leave the statement out.',
  },
  payload_too_large: {
    spec: 'RFC 9110 §15.5.14',
    cause: 'The body has more than 64 KiB.',
    remedy: 'Send less; no request of OAuth needs as much.',
  },
  method_not_allowed: {
    spec: 'RFC 9110 §15.5.6',
    cause: 'The address does not answer this method.',
    remedy: 'Use one of the methods in the Allow header.',
  },
  not_found: {
    spec: 'RFC 9110 §15.5.5',
    cause: 'There is nothing at this address, or the feature is switched off.',
    remedy: 'Take the address from the server’s metadata.',
  },
  server_error: {
    spec: 'RFC 6749 §4.1.2.1',
    cause: 'Something failed in the server.',
    remedy: 'Try again after a moment; if it stays, quote the request_id to whoever runs the server.',
  },
  temporarily_unavailable: {
    spec: 'RFC 6749 §4.1.2.1',
    cause: 'The server cannot answer now, or a limit is reached.',
    remedy: 'Try again after the seconds in the Retry-After header.',
  },
}
