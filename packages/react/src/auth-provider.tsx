import type { Auth } from '@latchkey/browser'
import { type ReactNode, useEffect, useState } from 'react'
import { AuthContext } from './auth-context.ts'
import { storeOf } from './auth-store.ts'

export interface AuthProviderProps {
  /**
   * Made once by `createAuth`, outside of any component; several configurations as a list, the first is the default. Those
   * of the first rendering count.
   */
  readonly auth: Auth | readonly Auth[]
  /**
   * A sign-in that left by `signIn` is back, and the address bar shows the place it was started from: tell the router.
   * `auth.appState` is what `signIn({ appState })` was given.
   */
  readonly onSignedIn?: (auth: Auth) => void
  readonly children?: ReactNode
}

/** Finds out who is there, and tells the components below. */
export function AuthProvider({ auth, onSignedIn, children }: AuthProviderProps): ReactNode {
  const [stores] = useState(() => [auth].flat().map((one) => storeOf(one as Auth)))
  useEffect(() => {
    for (const store of stores) store.start()
  }, [stores])
  useEffect(() => {
    const tell = () => {
      for (const store of stores) if (store.takeReturn()) onSignedIn?.(store.auth)
    }
    const ends = stores.map((store) => store.subscribe(tell))
    return () => {
      for (const end of ends) end()
    }
  }, [stores, onSignedIn])
  return <AuthContext.Provider value={stores}>{children}</AuthContext.Provider>
}
