import { isSecureUrl, openidConfigurationUrl, type Runtime, type ServerMetadata } from '@latchkey/protocol'
import { remembered } from '../remembered.ts'
import { insist, lost, readAnswer } from './answer.ts'
import { type ClientAuthentication, noClientAuthentication } from './client-authentication.ts'
import type { DpopProver } from './dpop-prover.ts'
import type { IdTokenCheck } from './id-token.ts'
import type { PushAuthorization } from './pushed-authorization.ts'

export interface ProviderConnectionOptions {
  readonly issuer: string
  readonly clientId: string
  /** How the client proves who it is; without one it is public. */
  readonly authentication?: ClientAuthentication
  /** Binds every token that is asked for to this key. */
  readonly dpop?: DpopProver | undefined
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
  readonly dpop?: DpopProver | undefined
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
  /**
   * Sends one request, within the time limit and without following redirects.
   * @throws ProtocolError `unreachable` (retryable).
   */
  send(url: string, init: RequestInit): Promise<Response>
}

export function connectProvider(options: ProviderConnectionOptions): ProviderConnection {
  const { runtime, authentication = noClientAuthentication, timeoutSeconds = 30 } = options
  /** The provider's clock less ours, in seconds; undefined until an answer has told. */
  let clockOffset: number | undefined
  /** Within the resolution of a `Date` header and a round trip the clocks agree. */
  const offsetAt = (at: number) => (Math.abs(at - runtime.now()) >= 5 ? at - runtime.now() : 0)

  const connection: ProviderConnection = {
    ...options,
    authentication,
    metadata: remembered(() => discover(connection)),
    now: () => runtime.now() + (clockOffset ?? 0),
    hearTime(at) {
      clockOffset ??= offsetAt(at)
    },
    async send(url, init) {
      const ending = new AbortController()
      // Not taken back when the answer begins: its body may take no longer either.
      runtime.schedule(timeoutSeconds, () => ending.abort())
      const response = await runtime.fetch(url, { redirect: 'manual', ...init, signal: ending.signal }).catch(lost(url))
      const date = Date.parse(response.headers.get('date') ?? '')
      if (date) clockOffset = offsetAt(date / 1000)
      return response
    },
  }
  return connection
}

/** @spec OIDC Discovery §4.3; RFC 8414 §3.3 */
async function discover(connection: ProviderConnection): Promise<ServerMetadata> {
  const { issuer } = connection
  const where = openidConfigurationUrl(issuer)
  const found = await readAnswer(where, await connection.send(where, {}), () => 'discovery_failed')
  const plainAllowed = issuer.startsWith('http:')
  insist('discovery_failed', where, { [`the issuer is ${found.issuer}`]: found.issuer === issuer })
  const needed = { authorization_endpoint: null, token_endpoint: null }
  for (const [member, url] of Object.entries<unknown>({ ...needed, ...found })) {
    if (!/_endpoint$|^jwks_uri$/.test(member)) continue
    const isSecure = isSecureUrl(url) && (plainAllowed || url.startsWith('https:'))
    insist('discovery_failed', where, { [`${member} is no https URL`]: isSecure })
  }
  return found as unknown as ServerMetadata
}
