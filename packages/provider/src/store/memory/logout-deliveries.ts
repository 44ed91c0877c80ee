import { logoutTriedForSeconds } from '../logout-deliveries.ts'
import type { LogoutDelivery, LogoutDeliveryStore, SessionRecord } from '../store.ts'
import { insert, mustBeNew, type Tables } from './tables.ts'

export function memoryLogoutDeliveries({ logoutDeliveries }: Tables): LogoutDeliveryStore {
  return {
    async enqueue(deliveries) {
      const added = new Map<string, LogoutDelivery>()
      for (const delivery of deliveries) {
        mustBeNew(logoutDeliveries, delivery.id)
        insert(added, delivery.id, delivery)
      }
      for (const [id, delivery] of added) logoutDeliveries.set(id, delivery)
    },
    async claim({ now, leaseSeconds, limit }) {
      const due = [...logoutDeliveries.values()]
        .filter((delivery) => delivery.nextAttemptAt <= now && delivery.expiresAt > now)
        .sort((a, b) => a.nextAttemptAt - b.nextAttemptAt || (a.id < b.id ? -1 : 1))
        .slice(0, limit)
      for (const delivery of due) {
        const attempts = delivery.attempts + 1
        logoutDeliveries.set(delivery.id, { ...delivery, attempts, nextAttemptAt: now + leaseSeconds })
      }
      return due
    },
    async settle(id, retryAt) {
      const delivery = logoutDeliveries.get(id)
      if (delivery === undefined || isQueuedAnew(delivery)) return
      if (retryAt === null) logoutDeliveries.delete(id)
      else logoutDeliveries.set(id, { ...delivery, nextAttemptAt: retryAt })
    },
  }
}

/** A logout token that is told of again while it was on its way. */
const isQueuedAnew = ({ ping, attempts }: LogoutDelivery): boolean => ping === null && attempts === 0

type Ended = Pick<SessionRecord, 'sid' | 'sub'>

/** Queues what tells the clients noted in a session of its end: all of them, or one. */
export function queueLogouts(
  { sessionClients, logoutDeliveries }: Tables,
  { sid, sub }: Ended,
  { now, only }: { readonly now: number; readonly only?: string },
): void {
  const times = { attempts: 0, nextAttemptAt: now, expiresAt: now + logoutTriedForSeconds }
  for (const noted of sessionClients.values()) {
    const { clientId } = noted
    if (noted.sid !== sid || (only !== undefined && clientId !== only)) continue
    const id = `logout ${sid} ${clientId}`
    logoutDeliveries.set(id, { id, clientId, sub, sid, ping: null, ...times })
  }
}
