import { type AccountRecord, type AccountStore, canonicalUsername } from './account-store.ts'

/** Accounts for tests and trials: one process, gone when it ends. */
export function createMemoryAccountStore(): AccountStore {
  const accounts = new Map<string, AccountRecord>()
  const subOfName = new Map<string, string>()
  const attempts = memoryAttempts()
  return {
    async find(sub) {
      return accounts.get(sub) ?? null
    },
    async findByUsername(username) {
      const sub = subOfName.get(canonicalUsername(username))
      return sub === undefined ? null : (accounts.get(sub) ?? null)
    },
    async create(record) {
      const name = canonicalUsername(record.username)
      if (accounts.has(record.sub) || subOfName.has(name)) return 'exists'
      accounts.set(record.sub, record)
      subOfName.set(name, record.sub)
      return 'created'
    },
    async update(record) {
      const stored = accounts.get(record.sub)
      if (stored?.version !== record.version - 1) return 'stale'
      const name = canonicalUsername(record.username)
      const owner = subOfName.get(name)
      if (owner !== undefined && owner !== record.sub) return 'exists'
      subOfName.delete(canonicalUsername(stored.username))
      subOfName.set(name, record.sub)
      accounts.set(record.sub, record)
      return 'updated'
    },
    async delete(sub) {
      const stored = accounts.get(sub)
      if (stored === undefined) return false
      subOfName.delete(canonicalUsername(stored.username))
      return accounts.delete(sub)
    },
    ...attempts,
    async close() {},
  }
}

/** Failed attempts, each remembered until its window has passed. */
function memoryAttempts(): Pick<AccountStore, 'countFailure' | 'failures' | 'clearFailures'> {
  const attempts = new Map<string, { readonly at: number; readonly endsAt: number }[]>()
  function within(key: string, now: number, windowSeconds: number): number {
    return attempts.get(key)?.filter((attempt) => attempt.at > now - windowSeconds).length ?? 0
  }
  return {
    async countFailure(key, { now, windowSeconds }) {
      for (const [other, list] of attempts) {
        const left = list.filter((attempt) => attempt.endsAt > now)
        if (left.length === 0) attempts.delete(other)
        else attempts.set(other, left)
      }
      attempts.set(key, [...(attempts.get(key) ?? []), { at: now, endsAt: now + windowSeconds }])
      return within(key, now, windowSeconds)
    },
    async failures(key, { now, windowSeconds }) {
      return within(key, now, windowSeconds)
    },
    async clearFailures(key) {
      attempts.delete(key)
    },
  }
}
