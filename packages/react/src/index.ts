export type {
  Auth,
  AuthConfig,
  AuthEvent,
  AuthState,
  IdTokenClaims,
  SignedOutReason,
  SignInOptions,
  SignOutOptions,
} from '@latchkey/browser'
export { ConfigError, ProtocolError } from '@latchkey/browser'
export { AuthProvider, type AuthProviderProps } from './auth-provider.tsx'
export { createAuth } from './create-auth.ts'
export { RequireAuth, type RequireAuthProps } from './require-auth.tsx'
export { type AccessTokenTarget, type UseAccessToken, useAccessToken } from './use-access-token.ts'
export { type UseAuth, useAuth, useAuthFetch } from './use-auth.ts'
