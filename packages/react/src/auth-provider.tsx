import type { Auth } from '@latchkey/browser'
import { type ReactNode, useEffect, useMemo, useRef } from 'react'
import { AuthContext } from './auth-context.ts'
import { storeOf } from './auth-store.ts'

export interface AuthProviderProps {
  /** Made once by `createAuth`, outside of any component; several configurations as a list, the first is the default. */
  readonly auth: Auth | readonly Auth[]
  /**
   * A sign-in that left by `signIn` is back, and the address bar shows the place it was started from: tell the router.
   * `appState` is what `signIn({ appState })` was given.
   */
  readonly onSignedIn?: (auth: Auth) => void
  readonly children?: ReactNode
}

/** Finds out who is there, and tells the components below. */
export function AuthProvider({ auth, onSignedIn, children }: AuthProviderProps): ReactNode {
  const given = useStableList(Array.isArray(auth) ? auth : [auth])
  const stores = useMemo(() => given.map(storeOf), [given])
  const heard = useRef(onSignedIn)
  useEffect(() => {
    heard.current = onSignedIn
  })
  useEffect(() => {
    const tell = () => {
      for (const store of stores) if (store.takeReturn()) heard.current?.(store.auth)
    }
    const ends = stores.map((store) => store.subscribe(tell))
    for (const store of stores) store.start()
    return () => {
      for (const end of ends) end()
    }
  }, [stores])
  return <AuthContext.Provider value={stores}>{children}</AuthContext.Provider>
}

/** The same list as long as it has the same members: `auth={[a, b]}` is a new one at every rendering. */
function useStableList<T>(list: readonly T[]): readonly T[] {
  const before = useRef(list)
  const same = before.current.length === list.length && list.every((member, at) => member === before.current[at])
  const stable = same ? before.current : list
  useEffect(() => {
    before.current = stable
  })
  return stable
}
