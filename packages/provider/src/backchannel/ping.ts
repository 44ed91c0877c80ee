import { type Form, OAuthError, type Runtime } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { deriveKey, open, seal } from '../crypto.ts'
import { type Outbound, OutboundError } from '../outbound/outbound.ts'
import type { Parts } from '../parts.ts'
import type { HandleHash, PendingGrantRecord } from '../store/store.ts'

const timeoutSeconds = 5
const firstRetrySeconds = 2
const longestRetrySeconds = 60

/** Of the characters that Bearer allows, 22 can hold 128 bits; fewer cannot. @spec CIBA Core §7.1; RFC 6750 §2.1 */
const notificationToken = /^(?=.{22,1024}$)[A-Za-z0-9._~+/-]+=*$/

/**
 * By what the client will know the provider's call; null for a client that polls.
 * @throws OAuthError `invalid_request` when a client in ping mode gives none, or one that can be guessed
 * @spec CIBA Core §7.1
 */
export function readNotificationToken(form: Form, { metadata }: RegisteredClient): string | null {
  if (metadata.backchannel_token_delivery_mode !== 'ping') return null
  const token = form.require('client_notification_token')
  if (notificationToken.test(token)) return token
  throw new OAuthError('invalid_request', 'client_notification_token must be a Bearer token of 22 to 1024 characters')
}

interface PingSecrets {
  readonly authReqId: string
  readonly token: string
}

/** What the call will say, kept so that a copied database tells nothing. */
export function sealPing(
  { formKey, runtime }: Pick<Parts, 'formKey' | 'runtime'>,
  hash: HandleHash,
  secrets: PingSecrets,
): string {
  return seal(pingKey(formKey), JSON.stringify(secrets), { context: hash, runtime })
}

/** One call that a client waits for. */
export interface Ping extends PingSecrets {
  readonly sub: string
  readonly expiresAt: number
}

/** Null for a request of a client that polls. */
export function openPing({ formKey }: Pick<Parts, 'formKey'>, record: PendingGrantRecord): Ping | null {
  const { ping, sub } = record.request
  const plain = typeof ping === 'string' ? open(pingKey(formKey), ping, record.hash) : null
  if (plain === null) return null
  return { ...(JSON.parse(plain) as PingSecrets), sub: String(sub), expiresAt: record.expiresAt }
}

function pingKey(formKey: Uint8Array): Uint8Array {
  return deriveKey(formKey, 'latchkey ciba pings')
}

export interface Pings {
  /** Calls in the background, again and again while the request lasts and the client cannot be reached. */
  send(ping: Ping, client: RegisteredClient): void
  /** Gives up what waits to be called again, and awaits what is under way. */
  close(): Promise<void>
}

/**
 * Tells clients in ping mode that a decision is there. What is left to retry dies with the process: the client may poll
 * all the same. @spec CIBA Core §10.2, §7.3
 */
export function createPings({ outbound, runtime, emit }: Pick<Parts, 'outbound' | 'runtime' | 'emit'>): Pings {
  const running = new Set<Promise<void>>()
  const waiting = new Set<() => void>()
  let closed = false
  function attempt(ping: Ping, client: RegisteredClient, attempts: number): void {
    const work = call(outbound, ping, client).then((failure) => {
      if (failure === null) return
      const pause = Math.min(longestRetrySeconds, firstRetrySeconds * 3 ** attempts)
      const again = failure.passing && !closed && runtime.now() + pause < ping.expiresAt
      if (again) later(runtime, pause, () => attempt(ping, client, attempts + 1))
      else tell(ping, client, failure.why)
    })
    running.add(work)
    void work.finally(() => running.delete(work))
  }
  function later({ schedule }: Pick<Runtime, 'schedule'>, seconds: number, run: () => void): void {
    const cancel = schedule(seconds, () => {
      waiting.delete(cancel)
      run()
    })
    waiting.add(cancel)
  }
  function tell({ sub }: Ping, { metadata }: RegisteredClient, why: string): void {
    const detail = `the notification endpoint of the client was not told of a decision: ${why}`
    const at = runtime.now()
    emit({ type: 'request.failed', at, requestId: 'backchannel ping', clientId: metadata.client_id, sub, detail })
  }
  return {
    send: (ping, client) => attempt(ping, client, 0),
    async close() {
      closed = true
      for (const cancel of waiting) cancel()
      await Promise.all(running)
    },
  }
}

interface Failure {
  readonly why: string
  /** Whether it may pass by itself. */
  readonly passing: boolean
}

const passing: readonly string[] = ['unreachable', 'too-slow']

/** @returns why the client was not told, or null when it was. @spec CIBA Core §10.2 */
async function call(
  outbound: Outbound,
  { authReqId, token }: Ping,
  { metadata }: RegisteredClient,
): Promise<Failure | null> {
  const { backchannel_client_notification_endpoint: uri } = metadata
  if (uri === undefined) return { why: 'the client has none any more', passing: false }
  try {
    const { status } = await outbound.send(uri, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ auth_req_id: authReqId }),
      timeoutSeconds,
    })
    if (status >= 200 && status < 300) return null
    return { why: `it answered with status ${status}`, passing: status === 429 || status >= 500 }
  } catch (error) {
    if (error instanceof OutboundError)
      return { why: `${error.reason}: ${error.message}`, passing: passing.includes(error.reason) }
    return { why: error instanceof Error ? error.message : String(error), passing: false }
  }
}
