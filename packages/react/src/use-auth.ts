import type { Auth, IdTokenClaims, SignedOutReason } from '@latchkey/browser'
import { useMemo } from 'react'
import { useAuthSnapshot, useAuthStore } from './auth-context.ts'
import type { AuthSnapshot, AuthStore } from './auth-store.ts'

/** Who is there, and everything of `Auth` that can be done about it. */
export interface UseAuth extends Auth {
  readonly auth: Auth
  readonly status: Auth['state']['status']
  /** Whether it is still being found out who is there. */
  readonly isLoading: boolean
  readonly isAuthenticated: boolean
  /** Of the ID token, checked; null when nobody is signed in. */
  readonly claims: IdTokenClaims | null
  /** Why somebody who was signed in no longer is. */
  readonly because: SignedOutReason | undefined
  /** Why it could not be found out who is there, or why the sign-in failed; null when nothing failed. */
  readonly error: unknown
  /** Tries again to find out who is there. */
  readonly retry: () => void
}

/** Renders again whenever who is signed in changes. Its functions may be taken out and passed on. */
export function useAuth(configId?: string): UseAuth {
  const store = useAuthStore(configId)
  const snapshot = useAuthSnapshot(store)
  return useMemo(() => toUseAuth(store, snapshot), [store, snapshot])
}

function toUseAuth({ auth, start }: AuthStore, { state, error }: AuthSnapshot): UseAuth {
  const { status } = state
  return {
    ...auth,
    auth,
    state,
    status,
    error,
    retry: start,
    isLoading: status === 'unknown' && error === null,
    isAuthenticated: status === 'authenticated',
    claims: status === 'authenticated' ? state.claims : null,
    because: status === 'anonymous' ? state.because : undefined,
  }
}

/** `fetch` that carries the token on secure routes; the same function at every rendering. */
export function useAuthFetch(configId?: string): Auth['fetch'] {
  return useAuthStore(configId).auth.fetch
}
