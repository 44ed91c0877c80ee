export {
  ConfigError,
  type IdTokenClaims,
  nearestKey,
  ProtocolError,
  type ProtocolErrorCode,
  type ProtocolRemedy,
} from '@latchkey/protocol'
export type {
  AccessTokenOptions,
  ApiAnswer,
  ApiVerdict,
  Auth,
  AuthConfig,
  AuthConfigSource,
  AuthFetchInit,
  BffAuthConfig,
  HeldTokens,
  PopupOptions,
  RequestToken,
  RouteMatch,
  SecureRouteRow,
  SignInOptions,
  SignOutOptions,
  TokenTarget,
  UserInfo,
} from './auth.ts'
export type { ApiChallenge, AuthEvent, SignInWay } from './auth-event.ts'
export type { AuthPart, SessionStorage } from './auth-part.ts'
export type { AuthState, SignedOutReason } from './auth-state.ts'
export { type CoreAuth, createAuth } from './create-auth.ts'
export { browserPlatform } from './platform/browser-platform.ts'
export type { Channel, FrameListener, Locks, Page, Platform, TabStorage } from './platform/platform.ts'
