import { computed, inject, type Signal } from '@angular/core'
import type { Auth, AuthState, IdTokenClaims, SignedOutReason } from '@latchkey/browser'
import { AUTH_CLIENTS } from './auth-clients.ts'
import { AUTH_STATES } from './auth-states.ts'

/** Who is there, as signals, and everything that can be done about it. */
export interface InjectedAuth
  extends Pick<Auth, 'signIn' | 'signInWithPopup' | 'signOut' | 'getAccessToken' | 'fetch' | 'revoke'> {
  /** The browser core of the configuration, with its whole surface. */
  readonly client: Auth
  readonly state: Signal<AuthState>
  /** Undefined until it is known; never a premature false. */
  readonly isAuthenticated: Signal<boolean | undefined>
  /** Of the ID token, checked; null when nobody is signed in. */
  readonly claims: Signal<IdTokenClaims | null>
  /** Why somebody who was signed in no longer is. */
  readonly because: Signal<SignedOutReason | undefined>
}

/** For an injection context: `readonly auth = injectAuth()`. Without `configId` the first configuration is meant. */
export function injectAuth(configId?: string): InjectedAuth {
  const client = inject(AUTH_CLIENTS).get(configId)
  const states = inject(AUTH_STATES)
  const state = computed(() => states.states()?.[states.indexOf(client)] ?? client.state)
  const { signIn, signInWithPopup, signOut, getAccessToken, fetch, revoke } = client
  return {
    client,
    state,
    isAuthenticated: computed(() => {
      const { status } = state()
      return status === 'unknown' ? undefined : status === 'authenticated'
    }),
    claims: computed(() => {
      const now = state()
      return now.status === 'authenticated' ? now.claims : null
    }),
    because: computed(() => {
      const now = state()
      return now.status === 'anonymous' ? now.because : undefined
    }),
    signIn,
    signInWithPopup,
    signOut,
    getAccessToken,
    fetch,
    revoke,
  }
}
