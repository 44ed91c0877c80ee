import { ConfigError } from '@latchkey/browser'
import { createContext, useContext, useSyncExternalStore } from 'react'
import { type AuthSnapshot, type AuthStore, serverSnapshot } from './auth-store.ts'

export const AuthContext = createContext<readonly AuthStore[]>([])

/**
 * The store of `configId`, or of the first configuration.
 * @throws ConfigError outside of an `AuthProvider`, or when no configuration has that name.
 */
export function useAuthStore(configId: string | undefined): AuthStore {
  const stores = useContext(AuthContext)
  const store = configId === undefined ? stores[0] : stores.find(({ auth }) => auth.config.configId === configId)
  if (store !== undefined) return store
  const names = stores.map(({ auth }) => `"${auth.config.configId}"`).join(', ')
  throw new ConfigError([
    names === ''
      ? '<AuthProvider auth={auth}> is missing above this component'
      : `configId: "${configId}" is not among what <AuthProvider> was given: ${names}`,
  ])
}

export function useAuthSnapshot(store: AuthStore): AuthSnapshot {
  return useSyncExternalStore(store.subscribe, store.snapshot, () => serverSnapshot)
}
