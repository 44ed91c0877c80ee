export type { Auth, AuthState, IdTokenClaims, SignedOutReason } from '@latchkey/browser'
export {
  type AuthGuard,
  authGuard,
  autoLoginPartialRoutesGuard,
  autoLoginPartialRoutesGuardWithConfig,
} from './auth.guard.ts'
export { AuthInterceptor, authInterceptor } from './auth.interceptor.ts'
export { AUTH_FACTORY } from './auth-clients.ts'
export { AuthModule } from './auth-module.ts'
export type * from './auth-results.ts'
export { type AuthOptions, type GetTokenOptions, OidcSecurityService } from './oidc-security-service.ts'
export { LogLevel, type OpenIdConfiguration } from './open-id-configuration.ts'
export { type AuthFeature, type PassedInitialConfig, provideAuth, withAppInitializerAuthCheck } from './provide-auth.ts'
