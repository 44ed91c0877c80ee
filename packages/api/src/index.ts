export {
  type ApiGuard,
  type ApiGuardOptions,
  createApiGuard,
  type Decision,
  listScopes,
  refuseMissingScope,
} from './api-guard.ts'
export type { AccessTokenHeader } from './compact-jwt.ts'
export type { AccessTokenVerifierOptions } from './options.ts'
export { type Refusal, refuse } from './refusal.ts'
export {
  type AccessToken,
  type AccessTokenVerifier,
  createAccessTokenVerifier,
} from './verify-access-token.ts'
