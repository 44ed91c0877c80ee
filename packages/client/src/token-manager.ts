import { ofProtocol, type Runtime } from '@latchkey/protocol'
import type { TokenHost } from './token-host.ts'
import type { TokenSet } from './token-set.ts'

export interface TokenManager {
  /**
   * A token set whose access token is current, renewed first when it is not; null when there is no session.
   * @throws ProtocolError `unreachable` when renewal failed for now and no valid token is left to serve.
   */
  get(options?: { readonly signal?: AbortSignal | undefined }): Promise<TokenSet | null>
  /**
   * A token set other than the one whose access token was `rejected`. Where someone has renewed already, no request is made.
   * @throws ProtocolError `unreachable` when renewal failed for now; the session stays.
   */
  renew(rejected: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<TokenSet | null>
}

export interface TokenManagerOptions {
  readonly host: TokenHost
  readonly runtime: Pick<Runtime, 'now'>
  /** A token this close to its end counts as expired: it has to survive its way to the API. Default 2, at most a tenth of its life. */
  readonly leewaySeconds?: number
  /**
   * Seconds in which nobody asks again after so many failures in a row (2 or more); a `Retry-After` of the provider
   * outweighs it. Without it every caller asks.
   */
  readonly backOff?: (failures: number) => number
}

export interface WakeableTokenManager extends TokenManager {
  /** Ends a pause: the network is back, or the page woke up. */
  wake(): void
}

/**
 * Get, renew and retry for every holder of tokens. Concurrent callers share one renewal; a caller may
 * abort its wait, never the renewal; only `refresh_rejected` with the stored token unmoved ends a session.
 */
export function createTokenManager(options: TokenManagerOptions): WakeableTokenManager {
  const { host, runtime, leewaySeconds, backOff = () => 0 } = options
  let failures = 0
  let renewal: Promise<TokenSet | null> | null = null
  let pause: { readonly until: number; readonly error: unknown } | null = null

  const isCurrent = (tokens: TokenSet) => isCurrentAt(tokens, runtime.now(), leewaySeconds)

  /** Inside the lock: ask only when what was rejected is still the newest. */
  async function renewOnce(rejected: string): Promise<TokenSet | null> {
    const newest = await host.load()
    if (!newest || (newest.accessToken !== rejected && isCurrent(newest))) return newest
    try {
      const renewed = await host.refresh(newest)
      await host.save(renewed)
      return renewed
    } catch (error) {
      if (ofProtocol(error).code !== 'refresh_rejected') throw error
      const after = await host.load()
      if (after && after.refreshToken !== newest.refreshToken) return after
      if (after) await host.end('expired')
      return null
    }
  }

  async function startRenewal(rejected: string): Promise<TokenSet | null> {
    if (pause && pause.until > runtime.now()) throw pause.error
    try {
      const tokens = await host.exclusive(() => renewOnce(rejected))
      failures = 0
      return tokens
    } catch (error) {
      const { retryable, retryAfterSeconds } = ofProtocol(error)
      if (retryable) {
        const seconds = ++failures > 1 ? backOff(failures) : 0
        pause = { until: runtime.now() + (retryAfterSeconds ?? seconds), error }
      }
      throw error
    }
  }

  async function renew(rejected: string): Promise<TokenSet | null> {
    for (;;) {
      const joined = renewal
      renewal ??= startRenewal(rejected).finally(() => {
        renewal = null
      })
      const tokens = await renewal
      // A renewal that began before this token was issued has brought the very token that was then rejected.
      if (!joined || tokens?.accessToken !== rejected) return tokens
    }
  }

  async function get(): Promise<TokenSet | null> {
    const tokens = await host.load()
    if (!tokens || isCurrent(tokens)) return tokens
    return renew(tokens.accessToken).catch((error: unknown) => {
      if (tokens.expiresAt > runtime.now()) return tokens
      throw error
    })
  }

  return {
    get: (options) => abortable(get(), options?.signal),
    renew: (rejected, options) => abortable(renew(rejected), options?.signal),
    wake() {
      pause = null
      failures = 0
    },
  }
}

/** Whether an access token can still be sent: it has to survive its way to the API. */
export function isCurrentAt({ issuedAt, expiresAt }: TokenSet, now: number, leewaySeconds = 2): boolean {
  return expiresAt - now > Math.min(leewaySeconds, (expiresAt - issuedAt) / 10)
}

/** The caller's wait ends with its signal; the work goes on for everyone else. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
