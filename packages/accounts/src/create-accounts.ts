import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { Account, Accounts } from '@latchkey/provider'
import type { AccountRecord, AccountStore } from './account-store.ts'
import { createAttempts } from './attempts.ts'
import { type ConfiguredUser, seedUsers } from './configured-user.ts'
import { hashPassword, isOutdated, longestPassword, verifyPassword } from './password-hash.ts'
import { register } from './register.ts'
import { type CheckPassword, signIn } from './sign-in.ts'

export interface AccountsOptions {
  readonly store: AccountStore
  /** The real world unless said otherwise. */
  readonly runtime?: Runtime
  /** People who stand in the configuration: added or brought up to date before this resolves. */
  readonly users?: readonly ConfiguredUser[]
  /** Whether people may make accounts for themselves; off unless said otherwise. */
  readonly registration?: boolean
}

/**
 * People with passwords, for `createProvider({ accounts })`.
 * @throws ConfigError with every problem of `users`
 */
export async function createAccounts({
  store,
  runtime = systemRuntime,
  users = [],
  registration = false,
}: AccountsOptions): Promise<Accounts> {
  await seedUsers({ store, runtime }, users)
  const attempts = createAttempts(store, runtime)
  const nobodysHash = await hashPassword(runtime, 'nobody')

  async function find(username: string, password: string): Promise<AccountRecord | null> {
    if (password.length > longestPassword) return null
    const record = await store.findByUsername(username)
    const right = await verifyPassword(record?.passwordHash ?? nobodysHash, password)
    if (record === null || record.passwordHash === null || !right) return null
    if (isOutdated(record.passwordHash)) await rehash(record, password)
    return record
  }

  /** A better hash is welcome, not needed: when someone else changed the record meanwhile, theirs stands. */
  async function rehash(record: AccountRecord, password: string): Promise<void> {
    const passwordHash = await hashPassword(runtime, password)
    await store.update({ ...record, passwordHash, version: record.version + 1, updatedAt: Math.floor(runtime.now()) })
  }

  const check: CheckPassword = (username, password) => attempts.judge(username, () => find(username, password))
  const whose = async (username: string) => (await store.findByUsername(username))?.sub
  return {
    async find(sub) {
      const record = await store.find(sub)
      return record === null ? null : accountOf(record)
    },
    async findByUsername(username) {
      const record = await store.findByUsername(username)
      return record === null ? null : accountOf(record)
    },
    async remove(sub) {
      const record = await store.find(sub)
      if (record === null) return false
      await attempts.forget(record.username)
      return store.delete(sub)
    },
    signIn: (context, form) => signIn({ check, whose }, context, form),
    ...(registration ? { register: (context, form) => register({ store, runtime }, context, form) } : {}),
  }
}

function accountOf({ sub, username, admin, claims }: AccountRecord): Account {
  return { sub, username, admin, claims }
}
