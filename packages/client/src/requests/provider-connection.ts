import { isLoopbackHost, ProtocolError, type Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import * as oauth from 'oauth4webapi'
import type { ClientAuthentication } from './client-authentication.ts'
import type { DpopKey } from './dpop-key.ts'
import { peerError } from './peer-error.ts'

export interface ProviderConnectionOptions {
  readonly issuer: string
  readonly clientId: string
  /** How the client proves who it is; without one it is public. */
  readonly authentication?: ClientAuthentication
  /** Binds the client's own and exchanged tokens to this key. */
  readonly dpop?: DpopKey | undefined
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
  /**
   * The provider's metadata, fetched once; a failure is not remembered.
   * @throws ProtocolError `discovery_failed` when it names another issuer, `unreachable` (retryable) when it cannot be had.
   */
  metadata(): Promise<oauth.AuthorizationServer>
  /** The client as oauth4webapi wants it, with the clock's offset of now. */
  client(): oauth.Client
  /** Options for one request, with its own time limit. */
  request(): {
    readonly [oauth.customFetch]: (url: string, outgoing: Outgoing) => Promise<Response>
    readonly [oauth.allowInsecureRequests]: boolean
    readonly signal: AbortSignal
  }
}

/** One request as oauth4webapi hands it over. */
interface Outgoing {
  readonly body: BodyInit | null | undefined
  readonly headers: Record<string, string>
  readonly method: string
  readonly redirect: 'manual'
  readonly signal?: AbortSignal
}

export function connectProvider(options: ProviderConnectionOptions): ProviderConnection {
  const { issuer, clientId, runtime } = options
  let discovered: Promise<oauth.AuthorizationServer> | null = null
  /** The provider's clock less ours, in seconds, where an answer has told. */
  let clockOffset = 0

  const send = async (url: string, outgoing: Outgoing): Promise<Response> => {
    const response = await runtime.fetch(url, { ...outgoing, body: outgoing.body ?? null })
    const date = Date.parse(response.headers.get('date') ?? '')
    if (!Number.isNaN(date)) clockOffset = settled(date / 1000 - runtime.now())
    return response
  }
  const request = () => ({
    [oauth.customFetch]: send,
    [oauth.allowInsecureRequests]: isLoopbackIssuer(issuer),
    signal: timeLimit(runtime, options.timeoutSeconds ?? 30),
  })
  const discover = async (): Promise<oauth.AuthorizationServer> => {
    try {
      const response = await oauth.discoveryRequest(new URL(issuer), request())
      return await oauth.processDiscoveryResponse(new URL(issuer), response)
    } catch (error) {
      throw peerError(error, 'discovery_failed', `the metadata of ${issuer} could not be used`)
    }
  }
  return {
    issuer,
    clientId,
    runtime,
    authentication: options.authentication ?? oauth.None(),
    dpop: options.dpop,
    request,
    client: () => ({
      client_id: clientId,
      [oauth.clockSkew]: Math.round(runtime.now() - systemRuntime.now() + clockOffset),
      [oauth.clockTolerance]: 30,
    }),
    metadata() {
      discovered ??= discover().catch((error: unknown) => {
        discovered = null
        throw error
      })
      return discovered
    },
  }
}

/** Within the resolution of a `Date` header and a round trip the clocks agree. */
function settled(offset: number): number {
  return Math.abs(offset) < 5 ? 0 : offset
}

function isLoopbackIssuer(issuer: string): boolean {
  const url = new URL(issuer)
  return url.protocol === 'http:' && isLoopbackHost(url.hostname)
}

function timeLimit(runtime: Runtime, seconds: number): AbortSignal {
  const controller = new AbortController()
  runtime.schedule(seconds, () =>
    controller.abort(
      new ProtocolError('unreachable', `the provider did not answer within ${seconds} seconds`, { retryable: true }),
    ),
  )
  return controller.signal
}
