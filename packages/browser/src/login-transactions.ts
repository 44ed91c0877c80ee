import type { LoginTransaction } from '@latchkey/client'
import { type Runtime, readObject } from '@latchkey/protocol'
import type { TabStorage } from './platform/platform.ts'

/** How long a person may take at the provider, in seconds. */
const lifetimeSeconds = 600
/** A sign-in that was restarted by itself is not restarted again within this many seconds. */
const restartGuardSeconds = 120

/** A login that left for the provider and where the person was. */
export interface PendingLogin extends LoginTransaction {
  /** Path, query and fragment on this origin. */
  readonly returnTo: string
  readonly appState?: unknown
}

/** What this tab left for the provider with: one record a login, so that logins never overwrite each other. */
export interface LoginTransactions {
  remember(login: PendingLogin): void
  /** The login of this state, once: taken is taken. `foreign` belongs to another configuration of this page. */
  take(state: string): PendingLogin | 'foreign' | null
  rememberLogout(state: string): void
  takeLogout(state: string): boolean
  /** Whether a stale answer may restart sign-in by itself: once, so that it never loops. */
  claimRestart(): boolean
}

interface TransactionsOptions {
  readonly storage: TabStorage | null
  readonly runtime: Pick<Runtime, 'now'>
  /** Names the configuration. */
  readonly name: string
}

type StoredRecord = Partial<PendingLogin> & { readonly name?: unknown }

export function createLoginTransactions({ storage, runtime, name }: TransactionsOptions): LoginTransactions {
  const keyOf = (kind: 'login' | 'logout' | 'restart', state: string) => `latchkey:${kind}:${state}`
  const write = (key: string, record: object) =>
    storage?.setItem(key, JSON.stringify({ createdAt: runtime.now(), ...record, name }))
  const isFresh = ({ createdAt }: StoredRecord, lifetime = lifetimeSeconds) =>
    Math.abs(runtime.now() - (createdAt ?? 0)) < lifetime

  const read = (key: string): StoredRecord => readObject(storage?.getItem(key) ?? '')
  /** The record, once, while it is fresh; null when it is another configuration's or none. */
  function take(key: string): StoredRecord | 'foreign' | null {
    const record = read(key)
    if (record.name !== undefined && record.name !== name) return 'foreign'
    storage?.removeItem(key)
    return isFresh(record) ? record : null
  }

  /** Removes what is too old to come back. */
  function purge(): void {
    for (const key of Object.keys(storage ?? {})) {
      if (/^latchkey:(login|logout|restart):/.test(key) && !isFresh(read(key))) storage?.removeItem(key)
    }
  }

  return {
    remember(login) {
      purge()
      write(keyOf('login', login.state), login)
    },
    take: (state) => take(keyOf('login', state)) as PendingLogin | 'foreign' | null,
    rememberLogout: (state) => write(keyOf('logout', state), {}),
    takeLogout: (state) => take(keyOf('logout', state)) instanceof Object,
    claimRestart() {
      const key = keyOf('restart', name)
      const may = storage !== null && !isFresh(read(key), restartGuardSeconds)
      if (may) write(key, {})
      return may
    },
  }
}
