import type { LogoutDelivery, LogoutDeliveryStore } from '../store.ts'
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
      if (delivery === undefined) return
      if (retryAt === null) logoutDeliveries.delete(id)
      else logoutDeliveries.set(id, { ...delivery, nextAttemptAt: retryAt })
    },
  }
}
