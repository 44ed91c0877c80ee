const checked = 'remove it, ID tokens are always validated in full'
const clock = 'remove it, a clock that is wrong by minutes is allowed for anyway'
const discovered = 'remove it, endpoints come from the discovery document of "authority"'
const sameRequest = 'use customParamsAuthRequest, this request takes no further parameters'

/** Options that would switch a check off, or say what a library cannot honour, each with what to do instead. */
export const refusedOptions: Readonly<Record<string, string>> = {
  disableIdTokenValidation: checked,
  issValidationOff: checked,
  strictIssuerValidationOnWellKnownRetrievalOff: 'remove it and set "authority" to the exact issuer of the provider',
  disableRefreshIdTokenAuthTimeValidation: checked,
  ignoreNonceAfterRefresh: 'remove it, renewed ID tokens are checked by OIDC Core §12.2',
  disableIatOffsetValidation: clock,
  maxIdTokenIatOffsetAllowedInSeconds: clock,
  disablePkce: 'remove it, PKCE with S256 is always used (RFC 9700 §2.1.1)',
  allowUnsafeReuseRefreshToken: 'remove it, rotated refresh tokens are kept and used once',
  authWellknownEndpointUrl: discovered,
  authWellknownEndpoints: discovered,
  authWellknownUrlSuffix: discovered,
  useCustomAuth0Domain: 'remove it, signing out follows the discovery document',
  historyCleanupOff: 'remove it, code and state never stay in the address bar',
  customParamsRefreshTokenRequest: sameRequest,
  customParamsCodeRequest: sameRequest,
  clientSecret: 'remove it, a page in a browser cannot keep a secret: register a public client',
}

/** Options that are accepted and change nothing, each with why. */
export const optionsWithoutEffect: Readonly<Record<string, string>> = {
  silentRenewTimeoutInSeconds: 'a silent sign-in ends by itself',
  refreshTokenRetryInSeconds: 'a failed renewal is tried again with growing pauses, or when the provider says',
  tokenRefreshInSeconds: 'nothing is polled',
  triggerRefreshWhenIdTokenExpired: 'the life of the access token decides',
  checkRedirectUrlWhenCheckingIfIsCallback: 'a callback is recognised by its state',
  autoCleanStateAfterAuthentication: 'the state of a sign-in is used once',
  useRefreshTokenLock: 'tabs always renew under one lock',
  disableRefreshTokenOfflineAccessScopeWarning: 'there is no such warning',
  disableCleaningPopupOnInvalidMessage: 'messages of others are not listened to',
  ngswBypass: 'leave the provider out of the service worker',
}
