import { OutboundError } from '../outbound/outbound.ts'
import type { Parts } from '../parts.ts'
import type { LogoutDelivery } from '../store/store.ts'
import { createLogoutToken } from './logout-token.ts'

/** How often the queue is looked at for deliveries of other nodes and of a process that ended. */
const everySeconds = 10
const batch = 10
const timeoutSeconds = 5
/** Longer than a batch can take, so that no other node sends the same token meanwhile. */
const leaseSeconds = 30
const firstRetrySeconds = 5
const longestRetrySeconds = 3600

/** Lets whoever queues a delivery have it sent at once. */
export interface LogoutWork {
  announce(): void
  /** One listener: the deliverer. */
  listen(listener: () => void): void
}

export function createLogoutWork(): LogoutWork {
  let listener = () => {}
  return {
    announce: () => listener(),
    listen(given) {
      listener = given
    },
  }
}

/**
 * Sends queued logout tokens until each is taken or given up. The queue is in the store: it survives a restart, and
 * any number of nodes share it. @returns what stops it, once the attempts under way are over
 * @spec Back-Channel Logout §2.5
 */
export function startLogoutDeliveries(parts: Parts, onError: (error: unknown) => void): () => Promise<void> {
  let stopped = false
  let more = false
  let running: Promise<void> | undefined
  let cancel = parts.runtime.schedule(everySeconds, round)
  function round(): void {
    cancel()
    work()
    if (!stopped) cancel = parts.runtime.schedule(everySeconds, round)
  }
  function work(): void {
    more = true
    if (stopped || running !== undefined) return
    running = deliverAll()
      .catch(onError)
      .finally(() => {
        running = undefined
        if (more) work()
      })
  }
  async function deliverAll(): Promise<void> {
    while (more && !stopped) {
      more = false
      const now = Math.floor(parts.runtime.now())
      const due = await parts.store.logoutDeliveries.claim({ now, leaseSeconds, limit: batch })
      await Promise.all(due.map((delivery) => deliver(parts, delivery).catch(onError)))
      if (due.length === batch) more = true
    }
  }
  parts.logoutWork.listen(work)
  return async () => {
    stopped = true
    cancel()
    await running
  }
}

async function deliver(parts: Parts, delivery: LogoutDelivery): Promise<void> {
  const client = await parts.clients.find(delivery.clientId)
  const uri = client?.metadata.backchannel_logout_uri
  if (client === null || uri === undefined) return parts.store.logoutDeliveries.settle(delivery.id, null)
  const failure = await send(parts, uri, await createLogoutToken(parts, client, delivery))
  if (failure === null) {
    tell(parts, 'logout.delivered', delivery)
    return parts.store.logoutDeliveries.settle(delivery.id, null)
  }
  const retryAt = Math.floor(parts.runtime.now()) + pauseAfter(delivery.attempts)
  const givenUp = retryAt >= delivery.expiresAt
  tell(parts, 'logout.failed', delivery, givenUp ? `${failure}; given up` : failure)
  return parts.store.logoutDeliveries.settle(delivery.id, givenUp ? null : retryAt)
}

/** 5, 15, 45 … seconds, an hour at most. */
function pauseAfter(attempts: number): number {
  return Math.min(longestRetrySeconds, firstRetrySeconds * 3 ** Math.min(attempts, 10))
}

/** @returns why the client did not take it, or null when it did. @spec Back-Channel Logout §2.5, §2.8 */
async function send(parts: Parts, uri: string, logoutToken: string): Promise<string | null> {
  try {
    const { status } = await parts.outbound.send(uri, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `logout_token=${logoutToken}`,
      timeoutSeconds,
    })
    return status === 200 || status === 204 ? null : `the client answered with status ${status}`
  } catch (error) {
    if (error instanceof OutboundError) return `${error.reason}: ${error.message}`
    throw error
  }
}

function tell(parts: Parts, type: 'logout.delivered' | 'logout.failed', delivery: LogoutDelivery, why?: string): void {
  const { id, clientId, sub } = delivery
  const detail = why === undefined ? {} : { detail: why }
  parts.emit({ type, at: parts.runtime.now(), requestId: id, clientId, sub, ...detail })
}
