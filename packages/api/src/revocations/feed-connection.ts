import { clientProof } from '@latchkey/client'
import { ProtocolError, type RevocationPage, type Runtime, readSnapshot, securityEventType } from '@latchkey/protocol'
import { connectAs } from '../client-identity.ts'
import { readCompactJwt, requireAlgorithm } from '../compact-jwt.ts'
import { requireSafe } from '../fetch-json.ts'
import { findSigningKey } from '../find-key.ts'
import type { KeySource } from '../key-source.ts'
import { defaultAlgorithms } from '../signing-algorithms.ts'
import type { RevocationOptions } from './options.ts'
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.ts'

type Claims = Readonly<Record<string, unknown>>

/** The provider's side of the feed, as the guard reaches it. */
export interface FeedConnection {
  /** One page of what still matters. */
  snapshot(after: number, signal: AbortSignal): Promise<RevocationPage>
  /** Events from `cursor` on, as they come. */
  stream(cursor: string, signal: AbortSignal): Promise<AsyncGenerator<ServerSentEvent>>
  /** One poll; `wait` lets the provider answer once there is something. @spec RFC 8936 §2 */
  poll(cursor: string, options: { readonly wait: boolean; readonly signal: AbortSignal }): Promise<Claims>
  /** The claims of a security event token of this provider for us. @spec RFC 8417 §2; RFC 8935 §2.4 */
  verify(token: string): Promise<Claims>
}

interface Sending {
  readonly signal: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: Readonly<Record<string, unknown>>
}

const types = new Set([securityEventType])
const algorithms = new Set(defaultAlgorithms)
const longestPage = 4 * 1024 * 1024

export function connectFeed(keySource: KeySource, options: RevocationOptions, runtime: Runtime): FeedConnection {
  const connection = connectAs(options, keySource.issuer, runtime)

  async function endpoints() {
    const { feed } = await keySource.metadata()
    if (feed === undefined) {
      throw new ProtocolError('discovery_failed', `${keySource.issuer} names no revocation feed in its metadata`)
    }
    return feed
  }

  /** What proves the client stands in a header, or else in the body: of a form where the request has none of its own. */
  async function send(address: string, { signal, headers: given, json }: Sending): Promise<Response> {
    requireSafe(address)
    const proof = await clientProof(connection)
    const isInBody = Object.keys(proof.parameters).length > 0
    const body =
      json !== undefined
        ? JSON.stringify({ ...json, ...proof.parameters })
        : isInBody
          ? new URLSearchParams(proof.parameters).toString()
          : undefined
    const type = json !== undefined ? 'application/json' : 'application/x-www-form-urlencoded'
    const sent = body === undefined ? {} : { method: 'POST', body }
    const headers = { ...given, ...proof.headers, ...(body === undefined ? {} : { 'content-type': type }) }
    const response = await runtime.fetch(address, { redirect: 'error', signal, ...sent, headers })
    if (response.status === 200) return response
    await response.body?.cancel()
    throw new ProtocolError('unreachable', `${address} answered ${response.status}`, { retryable: true })
  }

  async function verify(token: string): Promise<Claims> {
    const jwt = readCompactJwt(token, types)
    requireAlgorithm(jwt.header, algorithms)
    await findSigningKey(jwt, keySource)
    const { iss, aud } = jwt.payload
    const { stream } = await endpoints()
    if (iss !== keySource.issuer || ![aud].flat().includes(stream)) {
      throw new ProtocolError('response_invalid', 'a security event token is of another issuer or for another audience')
    }
    return jwt.payload
  }

  return {
    verify,
    async snapshot(after, signal) {
      const { snapshot } = await endpoints()
      const response = await send(`${snapshot}?after=${after}`, { signal })
      const page = readSnapshot(await verify(await boundedText(response)))
      if (page === null) throw new ProtocolError('response_invalid', `${snapshot} answered without a snapshot`)
      return page
    },
    async stream(cursor, signal) {
      const { stream } = await endpoints()
      const headers = { accept: 'text/event-stream', 'last-event-id': cursor }
      const { body } = await send(stream, { signal, headers })
      if (body === null) throw new ProtocolError('response_invalid', `${stream} answered without a body`)
      return serverSentEvents(body)
    },
    async poll(cursor, { wait, signal }) {
      const { poll } = await endpoints()
      const json = { maxEvents: 500, returnImmediately: !wait, after: cursor }
      const response = await send(poll, { signal, json })
      return JSON.parse(await boundedText(response)) as Claims
    },
  }
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > longestPage) throw new ProtocolError('response_invalid', 'a page of the feed is too long')
  }
  return text
}
