import type { LeaseStore } from '../store.ts'
import type { Tables } from './tables.ts'

export function memoryLeases({ leases }: Tables): LeaseStore {
  return {
    async acquire(name, holder, { now, seconds }) {
      const lease = leases.get(name)
      if (lease !== undefined && lease.holder !== holder && lease.endsAt > now) return null
      const fence = (lease?.fence ?? 0) + 1
      leases.set(name, { holder, endsAt: now + seconds, fence })
      return fence
    },
    async release(name, holder) {
      const lease = leases.get(name)
      if (lease?.holder === holder) leases.set(name, { ...lease, endsAt: 0 })
    },
  }
}
