import type { HandleHash, PendingGrantRecord, PendingGrantStore, Poll } from '../store.ts'
import { isEnded } from './families.ts'
import { writeIssued } from './issued.ts'
import { mustBeNew, type StoredPendingGrant, type Tables } from './tables.ts'

/** @spec RFC 8628 §3.5 */
const slowDownSeconds = 5

export function memoryPendingGrants(tables: Tables): PendingGrantStore {
  const { pendingGrants } = tables
  function alive(hash: HandleHash, now: number): StoredPendingGrant | null {
    const grant = pendingGrants.get(hash)
    return grant !== undefined && grant.expiresAt > now ? grant : null
  }
  function named(lookup: string, now: number): StoredPendingGrant | undefined {
    return [...pendingGrants.values()].find((grant) => grant.lookup === lookup && grant.expiresAt > now)
  }
  return {
    async create(record) {
      mustBeNew(pendingGrants, record.hash)
      if (record.lookup !== null && named(record.lookup, record.createdAt) !== undefined) return 'taken'
      pendingGrants.set(record.hash, { ...record, decision: null, polledAt: null })
      return 'created'
    },
    async find(hash, now) {
      return recordOf(alive(hash, now))
    },
    async findByLookup(lookup, now) {
      const grant = named(lookup, now)
      return grant?.decision === null ? recordOf(grant) : null
    },
    async decide(hash, decision, now) {
      const grant = alive(hash, now)
      if (grant === null || grant.decision !== null) return false
      pendingGrants.set(hash, { ...grant, decision })
      return true
    },
    async poll(hash, now) {
      const grant = pendingGrants.get(hash)
      if (grant === undefined) return { outcome: 'unknown' }
      return judge(tables, grant, now)
    },
    async redeem(hash, issued, now) {
      const decision = alive(hash, now)?.decision ?? null
      if (decision === null || decision === 'denied') return 'unknown'
      if (isEnded(tables, decision.approved.familyId)) return 'unknown'
      writeIssued(tables, issued, { grounds: decision.approved, now })
      pendingGrants.delete(hash)
      return 'redeemed'
    },
  }
}

function judge({ pendingGrants }: Tables, grant: StoredPendingGrant, now: number): Poll {
  if (grant.expiresAt <= now) return { outcome: 'expired' }
  if (grant.decision === 'denied') return { outcome: 'denied' }
  if (grant.decision !== null) return { outcome: 'approved', grounds: grant.decision.approved }
  const isEarly = grant.polledAt !== null && now < grant.polledAt + grant.intervalSeconds
  const intervalSeconds = grant.intervalSeconds + (isEarly ? slowDownSeconds : 0)
  pendingGrants.set(grant.hash, { ...grant, polledAt: now, intervalSeconds })
  return { outcome: isEarly ? 'slow_down' : 'pending' }
}

function recordOf(grant: StoredPendingGrant | null): PendingGrantRecord | null {
  if (grant === null) return null
  const { decision: _, polledAt: __, ...record } = grant
  return record
}
