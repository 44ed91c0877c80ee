import type { LoginTransaction } from '@latchkey/client'
import { readObject } from '@latchkey/protocol'
import type { Platform } from './platform/platform.ts'

/** A login that left for the provider and where the person was. */
export interface PendingLogin extends LoginTransaction {
  /** Path, query and fragment on this origin. */
  readonly returnTo: string
  readonly appState?: unknown
}

/** What this tab left for the provider with: one record a login or log-out, so that they never overwrite each other. */
export interface LoginTransactions {
  remember(kind: Kind, state: string, login?: PendingLogin): void
  /** The record of this state, once: taken is taken. `foreign` belongs to another configuration of this page. */
  take(kind: Kind, state: string | null): StoredRecord | 'foreign' | null
  /** Whether a stale answer may restart sign-in by itself: once, so that it never loops. */
  claimRestart(): boolean
}

type Kind = 'login' | 'logout' | 'restart'

type StoredRecord = PendingLogin & { readonly name: unknown }

/** `name` is that of the configuration. */
export function createLoginTransactions({ storage, runtime }: Platform, name: string): LoginTransactions {
  /** How long a person may take at the provider, in seconds. */
  const lifetimeSeconds = 600
  /** A sign-in that was restarted by itself is not restarted again within this many seconds. */
  const restartGuardSeconds = 120
  const keyOf = (kind: Kind, state: string | null) => `latchkey:${kind}:${state}`
  const read = (key: string): Partial<StoredRecord> => readObject(storage?.getItem(key) ?? '')
  const isFresh = (key: string, lifetime = lifetimeSeconds) =>
    Math.abs(runtime.now() - (read(key).createdAt ?? 0)) < lifetime

  function remember(kind: Kind, state: string, login?: PendingLogin): void {
    // What is too old to come back goes.
    for (const key of Object.keys(storage ?? {})) {
      if (/^latchkey:(login|logout|restart):/.test(key) && !isFresh(key)) storage?.removeItem(key)
    }
    storage?.setItem(keyOf(kind, state), JSON.stringify({ createdAt: runtime.now(), ...login, name }))
  }

  return {
    remember,
    take(kind, state) {
      const key = keyOf(kind, state)
      const record = read(key)
      if ((record.name ?? name) !== name) return 'foreign'
      const found = isFresh(key) ? (record as StoredRecord) : null
      storage?.removeItem(key)
      return found
    },
    claimRestart() {
      const may = storage !== null && !isFresh(keyOf('restart', name), restartGuardSeconds)
      if (may) remember('restart', name)
      return may
    },
  }
}
