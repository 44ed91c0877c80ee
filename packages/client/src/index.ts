export { type AuthenticatedFetchOptions, createAuthenticatedFetch } from './authenticated-fetch.ts'
export {
  type AuthorizationRequestOptions,
  createAuthorizationRequest,
  type LoginTransaction,
} from './requests/authorization.ts'
export {
  type ClientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  privateKeyJwt,
} from './requests/client-authentication.ts'
export { clientCredentials } from './requests/client-credentials.ts'
export { type ClientProof, clientProof } from './requests/client-proof.ts'
export { type CodeExchangeOptions, exchangeCode } from './requests/code-exchange.ts'
export { createDpopKey, type DpopKey, type DpopKeyOptions } from './requests/dpop-key.ts'
export { type EndSessionOptions, endSessionUrl } from './requests/end-session.ts'
export {
  connectProvider,
  type ProviderConnection,
  type ProviderConnectionOptions,
} from './requests/provider-connection.ts'
export { refreshTokens } from './requests/refresh.ts'
export { revokeToken } from './requests/revocation.ts'
export { exchangeToken, type TokenExchangeOptions } from './requests/token-exchange.ts'
export type { TokenHost } from './token-host.ts'
export { createTokenManager, isCurrentAt, type TokenManager, type TokenManagerOptions } from './token-manager.ts'
export type { TokenSet } from './token-set.ts'
