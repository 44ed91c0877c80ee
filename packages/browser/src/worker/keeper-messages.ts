import type { CodeExchangeOptions, TokenSet } from '@latchkey/client'
import { ProtocolError, type ProtocolErrorCode } from '@latchkey/protocol'
import type { TokenTarget } from '../auth.ts'
import type { SecureRouteRow } from '../auth-config.ts'

/** What the worker is set up with, once. */
export interface KeeperOptions {
  readonly issuer: string
  readonly clientId: string
  /** The page's own address, for paths in the route table. */
  readonly href: string
  readonly routes: readonly (string | SecureRouteRow)[]
  /** Whether tokens are bound to a key that the worker makes. */
  readonly dpop: boolean
  readonly signatures: boolean
  /** `fetch`: the page sees no access token either. */
  readonly expose: 'access-token' | 'fetch'
}

/** A request as it goes to the worker. */
export interface SentRequest {
  readonly url: string
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: ArrayBuffer | null
}

export interface SentResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: ArrayBuffer | null
}

/** What the page may ask of the worker; secrets go in and handles come out. */
export interface KeeperCalls {
  open(options: KeeperOptions): Promise<void>
  exchange(callback: string, options: Omit<CodeExchangeOptions, 'callback'>): Promise<TokenSet>
  refresh(tokens: TokenSet, target: TokenTarget): Promise<TokenSet>
  revoke(token: string, kind: 'access_token' | 'refresh_token'): Promise<boolean>
  proof(request: { url: string; method: string; accessToken: string }): Promise<string | null>
  hearNonce(url: string, nonce: string | null): Promise<void>
  send(request: SentRequest, accessToken: string): Promise<SentResponse>
}

export interface KeeperQuestion {
  readonly id: number
  readonly call: keyof KeeperCalls
  readonly given: readonly unknown[]
}

export type KeeperAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: SentError }

export interface SentError {
  readonly code: ProtocolErrorCode
  readonly message: string
  readonly oauthError?: string | undefined
  readonly retryable: boolean
  readonly retryAfterSeconds?: number | undefined
  /** Whether the answer may have been lost on its way. */
  readonly lost: boolean
}

/** Errors keep their meaning on the way; a cause stays where it was. */
export function sentError(error: unknown): SentError {
  if (!(error instanceof ProtocolError)) {
    const message = error instanceof Error ? error.message : 'the worker failed'
    return { code: 'response_invalid', message, retryable: false, lost: false }
  }
  const { code, message, oauthError, retryable, retryAfterSeconds } = error
  return { code, message, oauthError, retryable, retryAfterSeconds, lost: error.cause !== undefined }
}

export function receivedError({
  code,
  message,
  oauthError,
  retryable,
  retryAfterSeconds,
  lost,
}: SentError): ProtocolError {
  return new ProtocolError(code, message, {
    retryable,
    ...(oauthError === undefined ? {} : { oauthError }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(lost ? { cause: 'lost' } : {}),
  })
}
