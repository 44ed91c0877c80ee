import { useAuth } from '@latchkey/react'
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'

/** Signing in and out, with what went wrong in words for the page. */
export interface SignIn {
  /** True while somebody is on the way to the provider. */
  readonly leaving: boolean
  /** Why signing in or out did not work; null when nothing is wrong. */
  readonly problem: string | null
  signIn(returnTo?: string): void
  /** In a window of its own; the page stays. */
  signInWithPopup(): void
  signOut(): void
}

const SignInContext = createContext<SignIn | null>(null)

export function useSignIn(): SignIn {
  const signIn = useContext(SignInContext)
  if (signIn === null) throw new Error('signing in is provided by App')
  return signIn
}

export function SignInProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const { auth, error } = useAuth()
  const [leaving, setLeaving] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const value = useMemo(() => {
    const leave = (go: () => Promise<unknown>) => {
      setLeaving(true)
      setFailure(null)
      go()
        .catch(setFailure)
        .finally(() => setLeaving(false))
    }
    return {
      leaving,
      problem: inWords(failure ?? error),
      signIn: (returnTo?: string) => leave(() => auth.signIn(returnTo === undefined ? {} : { returnTo })),
      signInWithPopup: () => leave(() => auth.signInWithPopup()),
      signOut: () => leave(() => auth.signOut()),
    }
  }, [auth, error, failure, leaving])
  return <SignInContext value={value}>{children}</SignInContext>
}

function inWords(failure: unknown): string | null {
  if (failure === null) return null
  return `Signing in did not work: ${failure instanceof Error ? failure.message : String(failure)}.`
}
