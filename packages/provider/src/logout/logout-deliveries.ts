import { pingErrand } from '../backchannel/ping.ts'
import type { Parts } from '../parts.ts'
import type { LogoutDelivery } from '../store/store.ts'
import type { Errand } from './errand.ts'
import { logoutErrand } from './logout-errand.ts'

/** How often the queue is looked at for deliveries of other nodes and of a process that ended. */
const everySeconds = 10
const batch = 10
/** Longer than a batch can take, so that no other node sends the same token meanwhile. */
const leaseSeconds = 15

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
 * Makes the calls that stand in the queue, logout tokens and pings, until each is taken or given up. The queue is in the store: it survives a restart, and
 * any number of nodes share it. @returns what stops it, once the attempts under way are over
 * @spec Back-Channel Logout §2.5; CIBA Core §10.2
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

/** One line a kind of call. */
function errandOf({ ping }: LogoutDelivery): Errand {
  return ping === null ? logoutErrand : pingErrand
}

async function deliver(parts: Parts, delivery: LogoutDelivery): Promise<void> {
  const errand = errandOf(delivery)
  const client = await parts.clients.find(delivery.clientId)
  const result = client === null ? ({ outcome: 'moot' } as const) : await errand.send(parts, client, delivery)
  const retryAt = result.outcome === 'again' ? nextAttempt(parts, errand, delivery) : null
  if (result.outcome !== 'moot') {
    const outcome = result.outcome === 'again' && retryAt === null ? 'final' : result.outcome
    tell(parts, delivery, errand.told({ ...result, outcome }))
  }
  return parts.store.logoutDeliveries.settle(delivery.id, retryAt)
}

/** Null once it is too late. */
function nextAttempt({ runtime }: Parts, errand: Errand, { attempts, expiresAt }: LogoutDelivery): number | null {
  const pause = Math.min(errand.longestRetrySeconds, errand.firstRetrySeconds * 3 ** Math.min(attempts, 10))
  const at = Math.floor(runtime.now()) + pause
  return at >= expiresAt ? null : at
}

function tell(parts: Parts, { id, clientId, sub }: LogoutDelivery, event: ReturnType<Errand['told']>): void {
  if (event !== null) parts.emit({ at: parts.runtime.now(), requestId: id, clientId, sub, ...event })
}
