export type { AccessToken } from './access-token.ts'
export {
  type ApiGuard,
  type ApiGuardOptions,
  createApiGuard,
  type Decision,
  type FeedState,
} from './api-guard.ts'
export type { AccessTokenHeader } from './compact-jwt.ts'
export type { GuardRequest, TokenPlace } from './credentials.ts'
export type { DpopOptions } from './dpop.ts'
export type { GuardEvent } from './guard-event.ts'
export type { IntrospectionOptions } from './introspection.ts'
export type { AccessTokenVerifierOptions, IssuerOptions } from './options.ts'
export { type ProtectedResource, type ProtectedResourceOptions, protectedResource } from './protected-resource.ts'
export { type Refusal, refuse } from './refusal.ts'
export { memoryReplayStore, type ReplayStore } from './replay-store.ts'
export {
  listScopes,
  type Requirement,
  type Requirements,
  refuseMissingScope,
  refuseUnguarded,
  requirements,
  type StepUp,
} from './requirements.ts'
export type { RevocationOptions } from './revocations/options.ts'
export type { StatusListOptions } from './status-lists/options.ts'
export {
  type EventSource,
  eventStreamResponse,
  type OutgoingEvent,
  tokenEndedEvent,
} from './streams/event-stream.ts'
export { type EndableSocket, endWebSocket, guardUpgrade, tokenEndedCode } from './streams/web-sockets.ts'
export type { TokenEnd } from './token-end.ts'
export { type AccessTokenVerifier, createAccessTokenVerifier } from './verify-access-token.ts'
