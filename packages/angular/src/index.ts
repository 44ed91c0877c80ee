export type {
  Auth,
  AuthConfig,
  AuthEvent,
  AuthState,
  IdTokenClaims,
  SecureRouteRow,
  SignedOutReason,
} from '@latchkey/browser'
export {
  type AuthGuard,
  authGuard,
  authGuardWith,
  autoLoginPartialRoutesGuard,
  autoLoginPartialRoutesGuardWithConfig,
  type GuardConditions,
} from './auth.guard.ts'
export { AuthInterceptor, authInterceptor } from './auth.interceptor.ts'
export { type AngularAuthConfig, AUTH_PLATFORM, type LatchkeyConfig } from './auth-clients.ts'
export { AuthModule } from './auth-module.ts'
export type * from './auth-results.ts'
export { StsConfigHttpLoader, StsConfigLoader, StsConfigStaticLoader } from './config-loader.ts'
export { type InjectedAuth, injectAuth } from './inject-auth.ts'
export { AbstractLoggerService } from './logger.ts'
export { OidcSecurityService } from './oidc-security-service.ts'
export { LogLevel, type OpenIdConfiguration } from './open-id-configuration.ts'
export { type PassedInitialConfig, provideAuth } from './provide-auth.ts'
export { type AuthFeature, provideLatchkey, withAppInitializerAuthCheck } from './provide-latchkey.ts'
export { EventTypes, type OidcClientNotification, PublicEventsService } from './public-events.ts'
export { authentication, type RequestAuthentication } from './request-context.ts'
export {
  AbstractSecurityStorage,
  DefaultLocalStorageService,
  DefaultSessionStorageService,
} from './security-storage.ts'
