const checked = 'remove it, ID tokens are always validated in full'
const clock = 'remove it, a clock that is wrong by minutes is allowed for without switching a check off'
const discovered = 'remove it, endpoints come from the discovery document of "authority"'
const events = 'remove it and subscribe to state$ or isAuthenticated$'
const sameRequest = 'use customParamsAuthRequest, the other requests take no further parameters'

/** Options of other libraries that would weaken a check or have no meaning here, each with what to do instead. */
export const refusedOptions: Readonly<Record<string, string>> = {
  disableIdTokenValidation: checked,
  issValidationOff: checked,
  strictIssuerValidationOnWellKnownRetrievalOff: 'remove it and set "authority" to the exact issuer of the provider',
  disableRefreshIdTokenAuthTimeValidation: checked,
  ignoreNonceAfterRefresh: 'remove it, a renewed ID token is checked by the rules of OIDC Core §12.2',
  disableIatOffsetValidation: clock,
  maxIdTokenIatOffsetAllowedInSeconds: clock,
  disablePkce: 'remove it, PKCE with S256 is always used (RFC 9700 §2.1.1)',
  allowUnsafeReuseRefreshToken: 'remove it, rotated refresh tokens are kept and used once',
  authWellknownEndpointUrl: discovered,
  authWellknownEndpoints: discovered,
  silentRenewTimeoutInSeconds: 'remove it, a silent sign-in ends by itself',
  refreshTokenRetryInSeconds: 'remove it, a failed renewal is tried again when a token is asked for',
  tokenRefreshInSeconds: 'remove it, nothing is polled',
  triggerRefreshWhenIdTokenExpired: 'remove it, the life of the access token decides',
  startCheckSession: 'remove it, sign-out in another tab is noticed without polling a frame',
  checkRedirectUrlWhenCheckingIfIsCallback: 'remove it, a callback is recognised by its state',
  historyCleanupOff: 'remove it, code and state never stay in the address bar',
  autoCleanStateAfterAuthentication: 'remove it, the state of a sign-in is used once',
  triggerAuthorizationResultEvent: events,
  postLoginRoute: 'remove it and pass { returnTo } to authorize(); the guard does so by itself',
  forbiddenRoute: 'use unauthorizedRoute',
  renewUserInfoAfterTokenRenew: 'remove it, userData follows the newest ID token',
  usePushedAuthorisationRequests: 'remove it, this version sends no pushed authorization requests',
  customParamsRefreshTokenRequest: sameRequest,
  customParamsEndSessionRequest: sameRequest,
  customParamsCodeRequest: sameRequest,
  hdParam: 'use customParamsAuthRequest: { hd: … }',
  ngswBypass: 'remove it and leave the provider out of the service worker',
  clientSecret: 'remove it, a page in a browser cannot keep a secret: register a public client',
}
