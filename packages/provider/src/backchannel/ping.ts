import { type Form, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { deriveKey, newId, open, seal } from '../crypto.ts'
import type { Errand, ErrandResult } from '../logout/errand.ts'
import { type Outbound, OutboundError } from '../outbound/outbound.ts'
import type { Parts } from '../parts.ts'
import type { HandleHash, PendingGrantRecord } from '../store/store.ts'

const timeoutSeconds = 5

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

function pingKey(formKey: Uint8Array): Uint8Array {
  return deriveKey(formKey, 'latchkey ciba pings')
}

/** A call that stands in the queue and waits for the decision that it is about. */
export interface QueuedPing {
  /** The decision is kept: call now. */
  send(): Promise<void>
  /** Somebody else decided. */
  drop(): Promise<void>
}

/** Seconds after which a queued call goes out although nobody said so: then the process ended right after the decision. */
const patienceSeconds = 10

/**
 * Queued before the decision is kept, so that whatever ends the process between the two, the client is told. Null for a
 * request of a client that polls. @spec CIBA Core §10.2, §7.3
 */
export async function queuePing(parts: Parts, record: PendingGrantRecord): Promise<QueuedPing | null> {
  const { formKey, runtime, store } = parts
  const { ping, sub } = record.request
  const plain = typeof ping === 'string' ? open(pingKey(formKey), ping, record.hash) : null
  if (plain === null) return null
  const id = newId(runtime)
  const now = Math.floor(runtime.now())
  const { clientId, expiresAt } = record
  const sealed = seal(pingKey(formKey), plain, { context: id, runtime })
  const times = { attempts: 0, nextAttemptAt: now + patienceSeconds, expiresAt }
  await store.logoutDeliveries.enqueue([{ id, clientId, sub: String(sub), sid: '', ping: sealed, ...times }])
  return {
    async send() {
      await store.logoutDeliveries.settle(id, now)
      parts.logoutWork.announce()
    },
    drop: () => store.logoutDeliveries.settle(id, null),
  }
}

/** Tells a client in ping mode that a decision is there. @spec CIBA Core §10.2 */
export const pingErrand: Errand = {
  firstRetrySeconds: 2,
  longestRetrySeconds: 60,
  async send(parts, { metadata }, delivery) {
    const { backchannel_client_notification_endpoint: uri } = metadata
    if (uri === undefined) return { outcome: 'final', why: 'the client has no notification endpoint any more' }
    const plain = delivery.ping === null ? null : open(pingKey(parts.formKey), delivery.ping, delivery.id)
    if (plain === null) return { outcome: 'final', why: 'what it should say does not open' }
    return call(parts.outbound, uri, JSON.parse(plain) as PingSecrets)
  },
  told({ outcome, why }) {
    if (outcome !== 'final') return null
    return {
      type: 'request.failed',
      detail: `the notification endpoint of the client was not told of a decision: ${why}`,
    }
  },
}

const passing: readonly string[] = ['unreachable', 'too-slow']

async function call(outbound: Outbound, uri: string, { authReqId, token }: PingSecrets): Promise<ErrandResult> {
  try {
    const { status } = await outbound.send(uri, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ auth_req_id: authReqId }),
      timeoutSeconds,
    })
    if (status >= 200 && status < 300) return { outcome: 'done' }
    const why = `it answered with status ${status}`
    return { outcome: status === 429 || status >= 500 ? 'again' : 'final', why }
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return { outcome: passing.includes(error.reason) ? 'again' : 'final', why: `${error.reason}: ${error.message}` }
  }
}
