import type { Auth, AuthState, SignInOptions } from '@latchkey/browser'
import { leftSignIn, whenSignInIsLeft } from '@latchkey/browser/conditions'

/** What a component sees of one configuration; the same object until something changed. */
export interface AuthSnapshot {
  readonly state: AuthState
  /** Why it could not be found out who is there, or why the sign-in that just came back failed; null when nothing failed. */
  readonly error: unknown
  /** Whether finding out has ended, well or not. */
  readonly settled: boolean
}

/** One `Auth` in the shape that React reads. */
export interface AuthStore {
  readonly auth: Auth
  snapshot(): AuthSnapshot
  subscribe(listener: () => void): () => void
  /** Finds out who is there; asked again, it tries again only what a retry can help. */
  start(): void
  /** True for the one who hears first that a sign-in is back. */
  takeReturn(): boolean
  /** Leaves for the sign-in once, however many components ask. */
  signIn(options?: SignInOptions): void
}

/** What a server renders, and a browser until it has hydrated. */
export const serverSnapshot: AuthSnapshot = { state: { status: 'unknown' }, error: null, settled: false }

const stores = new WeakMap<Auth, AuthStore>()

/** The one store of an `Auth`, so that a component mounted twice shares it. */
export function storeOf(auth: Auth): AuthStore {
  const store = stores.get(auth) ?? createStore(auth)
  stores.set(auth, store)
  return store
}

function createStore(auth: Auth): AuthStore {
  const listeners = new Set<() => void>()
  let current: AuthSnapshot = { ...serverSnapshot, state: auth.state }
  const left = leftSignIn(auth)
  let leaving = false
  let untold = false

  const update = (change: Partial<AuthSnapshot>) => {
    current = { ...current, ...change }
    for (const listener of listeners) listener()
  }
  const settle = (error: unknown) => update({ state: auth.state, error, settled: true })
  auth.subscribe((state) => update({ state }))
  auth.onEvent((event) => {
    if (event.type !== 'signed-in') return
    untold ||= event.by === 'redirect'
    if (current.settled) update({ error: null })
  })

  return {
    auth,
    snapshot: () => current,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start() {
      // A sign-in that failed when the page was loaded says nothing of who has signed in since.
      const isLater = current.settled
      const fail = (error: unknown) => settle(isLater && auth.state.status === 'authenticated' ? null : error)
      void auth.start().then(({ status }) => settle(status === 'authenticated' ? null : left), fail)
    },
    takeReturn() {
      const taken = untold && current.settled
      if (taken) untold = false
      return taken
    },
    signIn(options) {
      if (leaving) return
      leaving = true
      auth
        .signIn(options)
        .then(() => whenSignInIsLeft(auth, (error) => update({ error })))
        .catch((error: unknown) => update({ error }))
        .finally(() => {
          leaving = false
        })
    },
  }
}
