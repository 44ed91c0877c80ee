import {
  isLoopbackHost,
  openidConfigurationUrl,
  ProtocolError,
  type Runtime,
  type ServerMetadata,
} from '@latchkey/protocol'
import { type ClientAuthentication, noClientAuthentication } from './client-authentication.ts'
import type { DpopKey } from './dpop-key.ts'
import type { IdTokenCheck } from './id-token.ts'
import { readAnswer, refuseBusy, unreachable } from './peer-error.ts'
import type { PushAuthorization } from './pushed-authorization.ts'

export interface ProviderConnectionOptions {
  readonly issuer: string
  readonly clientId: string
  /** How the client proves who it is; without one it is public. */
  readonly authentication?: ClientAuthentication
  /** Binds every token that is asked for to this key. */
  readonly dpop?: DpopKey | undefined
  /** A further check of every ID token, such as `idTokenSignatures()`. */
  readonly checkIdToken?: IdTokenCheck | undefined
  /** `pushAuthorization`, for providers that take or want it. */
  readonly push?: PushAuthorization | undefined
  readonly runtime: Runtime
  /** Seconds a request to the provider may take. Default 30. */
  readonly timeoutSeconds?: number
}

/** One client's way to one provider: discovered once, shared by every request. */
export interface ProviderConnection {
  readonly issuer: string
  readonly clientId: string
  readonly runtime: Runtime
  readonly authentication: ClientAuthentication
  readonly dpop?: DpopKey | undefined
  readonly checkIdToken?: IdTokenCheck | undefined
  readonly push?: PushAuthorization | undefined
  /**
   * The provider's metadata, fetched once; a failure is not remembered.
   * @throws ProtocolError `discovery_failed` when it names another issuer, `unreachable` (retryable) when it cannot be had.
   */
  metadata(): Promise<ServerMetadata>
  /** The provider's clock, as far as its answers have told; epoch seconds. */
  now(): number
  /** What an answer said of the provider's clock; a `Date` header outweighs a token's `iat`. */
  hearTime(at: number): void
  /** Sends one request, within the time limit and without following redirects. @throws ProtocolError `unreachable`. */
  send(url: string, init: RequestInit, failure: string): Promise<Response>
}

export function connectProvider(options: ProviderConnectionOptions): ProviderConnection {
  const { issuer, clientId, runtime, dpop, checkIdToken, push, timeoutSeconds = 30 } = options
  let discovered: Promise<ServerMetadata> | null = null
  /** The provider's clock less ours, in seconds; null until an answer has told. */
  let clockOffset: number | null = null

  const connection: ProviderConnection = {
    issuer,
    clientId,
    runtime,
    authentication: options.authentication ?? noClientAuthentication,
    dpop,
    checkIdToken,
    push,
    metadata() {
      discovered ??= discover(connection).catch((error: unknown) => {
        discovered = null
        throw error
      })
      return discovered
    },
    now: () => runtime.now() + (clockOffset ?? 0),
    hearTime(at) {
      clockOffset ??= settled(at - runtime.now())
    },
    async send(url, init, failure) {
      const ending = new AbortController()
      const late = `the provider did not answer within ${timeoutSeconds} seconds`
      const cancel = runtime.schedule(timeoutSeconds, () =>
        ending.abort(new ProtocolError('unreachable', `${failure}: ${late}`, { retryable: true })),
      )
      try {
        const response = await runtime.fetch(url, { redirect: 'manual', ...init, signal: ending.signal })
        const date = Date.parse(response.headers.get('date') ?? '')
        if (!Number.isNaN(date)) clockOffset = settled(date / 1000 - runtime.now())
        return response
      } catch (cause) {
        throw unreachable(failure, ending.signal.aborted ? ending.signal.reason : cause)
      } finally {
        cancel()
      }
    },
  }
  return connection
}

/** Within the resolution of a `Date` header and a round trip the clocks agree. */
function settled(offset: number): number {
  return Math.abs(offset) < 5 ? 0 : offset
}

/** @spec OIDC Discovery §4.3; RFC 8414 §3.3 */
async function discover(connection: ProviderConnection): Promise<ServerMetadata> {
  const { issuer } = connection
  const failure = `the metadata of ${issuer} could not be used`
  const response = await connection.send(
    openidConfigurationUrl(issuer),
    { headers: { accept: 'application/json' } },
    failure,
  )
  refuseBusy(response, failure)
  const found = await readAnswer(response, failure)
  const problem = response.ok ? problemOf(issuer, found ?? {}) : `it was answered with ${response.status}`
  if (problem !== null) throw new ProtocolError('discovery_failed', `${failure}: ${problem}`)
  return found as unknown as ServerMetadata
}

function problemOf(issuer: string, found: Readonly<Record<string, unknown>>): string | null {
  if (found.issuer !== issuer)
    return `it speaks of the issuer ${JSON.stringify(found.issuer)}; set issuer to that very text`
  const plainAllowed = isLoopback(issuer)
  for (const [member, value] of Object.entries(found)) {
    const needed = member === 'authorization_endpoint' || member === 'token_endpoint'
    if (!member.endsWith('_endpoint') && member !== 'jwks_uri') continue
    if (typeof value !== 'string' || !URL.canParse(value)) return `its ${member} is no URL`
    if (!value.startsWith('https:') && !(plainAllowed && isLoopback(value)) && (needed || value.startsWith('http:')))
      return `its ${member} is not https`
  }
  for (const member of ['authorization_endpoint', 'token_endpoint']) {
    if (found[member] === undefined) return `it has no ${member}`
  }
  return null
}

function isLoopback(address: string): boolean {
  const { protocol, hostname } = new URL(address)
  return protocol === 'http:' && isLoopbackHost(hostname)
}
