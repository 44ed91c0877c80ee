export { type AuthenticatedFetchOptions, createAuthenticatedFetch } from './authenticated-fetch.ts'
export { type FetchInput, replay } from './replay.ts'
export {
  type AuthorizationRequestOptions,
  createAuthorizationRequest,
  type LoginTransaction,
} from './requests/authorization.ts'
export {
  type ClientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  noClientAuthentication,
  type ProvingClient,
  privateKeyJwt,
} from './requests/client-authentication.ts'
export { clientCredentials } from './requests/client-credentials.ts'
export { type ClientProof, clientProof } from './requests/client-proof.ts'
export { type CodeExchangeOptions, exchangeCode } from './requests/code-exchange.ts'
export { asksForNonce, createDpopKey, type DpopKey, type DpopKeyOptions } from './requests/dpop-key.ts'
export {
  createDpopProver,
  type DpopProver,
  type DpopProverOptions,
  generateDpopKeyPair,
  type ProofOptions,
} from './requests/dpop-prover.ts'
export { type EndSessionOptions, endSessionUrl } from './requests/end-session.ts'
export type { IdTokenCheck } from './requests/id-token.ts'
export { idTokenSignatures } from './requests/id-token-signature.ts'
export {
  connectProvider,
  type ProviderConnection,
  type ProviderConnectionOptions,
} from './requests/provider-connection.ts'
export { type PushAuthorization, pushAuthorization } from './requests/pushed-authorization.ts'
export { refreshTokens } from './requests/refresh.ts'
export { revokeToken } from './requests/revocation.ts'
export { exchangeToken, type TokenExchangeOptions } from './requests/token-exchange.ts'
export { requestUserInfo, type UserInfoAnswer } from './requests/userinfo.ts'
export type { TokenHost } from './token-host.ts'
export {
  abortable,
  createTokenManager,
  isCurrentAt,
  type TokenManager,
  type TokenManagerOptions,
  type WakeableTokenManager,
} from './token-manager.ts'
export type { TokenSet } from './token-set.ts'
