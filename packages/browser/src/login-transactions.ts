import type { LoginTransaction } from '@latchkey/client'
import type { Runtime } from '@latchkey/protocol'
import type { TabStorage } from './platform/platform.ts'
import { isRecord } from './session.ts'

/** How long a person may take at the provider, in seconds. */
const lifetimeSeconds = 600
/** A sign-in that was restarted by itself is not restarted again within this many seconds. */
const restartGuardSeconds = 120
const loginPrefix = 'latchkey:login:'
const logoutPrefix = 'latchkey:logout:'
const restartPrefix = 'latchkey:restart:'

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
  /** Removes what is too old to come back. */
  purge(): void
}

interface TransactionsOptions {
  readonly storage: TabStorage
  readonly runtime: Pick<Runtime, 'now'>
  /** Names the configuration. */
  readonly name: string
}

export function createLoginTransactions({ storage, runtime, name }: TransactionsOptions): LoginTransactions {
  const isFresh = (createdAt: unknown, lifetime: number) =>
    typeof createdAt === 'number' && Math.abs(runtime.now() - createdAt) < lifetime

  return {
    remember: (login) => storage.set(loginPrefix + login.state, JSON.stringify({ ...login, name })),
    take(state) {
      const record = parseRecord(storage.get(loginPrefix + state))
      if (record !== null && record.name !== name) return 'foreign'
      storage.remove(loginPrefix + state)
      return isPendingLogin(record) && isFresh(record.createdAt, lifetimeSeconds) ? record : null
    },
    rememberLogout: (state) => storage.set(logoutPrefix + state, JSON.stringify({ name, createdAt: runtime.now() })),
    takeLogout(state) {
      const record = parseRecord(storage.get(logoutPrefix + state))
      if (record?.name !== name) return false
      storage.remove(logoutPrefix + state)
      return isFresh(record.createdAt, lifetimeSeconds)
    },
    claimRestart() {
      const record = parseRecord(storage.get(restartPrefix + name))
      if (!storage.durable || isFresh(record?.createdAt, restartGuardSeconds)) return false
      storage.set(restartPrefix + name, JSON.stringify({ name, createdAt: runtime.now() }))
      return true
    },
    purge() {
      for (const key of storage.keys()) {
        if (!/^latchkey:(login|logout|restart):/.test(key)) continue
        if (!isFresh(parseRecord(storage.get(key))?.createdAt, lifetimeSeconds)) storage.remove(key)
      }
    },
  }
}

function parseRecord(text: string | null): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}

function isPendingLogin(value: unknown): value is PendingLogin {
  const texts = ['state', 'nonce', 'codeVerifier', 'redirectUri', 'returnTo']
  return isRecord(value) && texts.every((member) => typeof value[member] === 'string')
}
