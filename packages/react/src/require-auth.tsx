import type { SignInOptions } from '@latchkey/browser'
import { type PageConditions, whatIsMissing } from '@latchkey/browser/conditions'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useAuthSnapshot, useAuthStore } from './auth-context.ts'
import type { AuthSnapshot, AuthStore } from './auth-store.ts'

export interface RequireAuthProps extends PageConditions {
  readonly children: ReactNode
  readonly configId?: string
  /** Shown while it is found out who is there, and on the way to the provider. */
  readonly fallback?: ReactNode
  /** How the sign-in is asked for; it returns to the page it left from unless `returnTo` says otherwise. */
  readonly signIn?: SignInOptions
  /** Shown to a person whose sign-in, just asked for, did not give `scope` or `acrValues`. */
  readonly insufficient?: ReactNode
  /** Shown in place of the page when somebody signs out on it; default: the `fallback`. */
  readonly signedOut?: ReactNode
  /** Shown in place of the page when the session expires or is revoked on it; default: the page stays, as work may be unsaved. */
  readonly ended?: ReactNode
  /** Shown when the sign-in or finding out failed; there is no second attempt unless `again` is called. */
  readonly failed?: (error: unknown, again: () => void) => ReactNode
}

type Verdict = 'wait' | 'show' | 'ask' | 'insufficient' | 'signed-out' | 'ended' | 'failed'

/** Shows its children to somebody who is signed in, and sends everybody else to sign in: once, never in a circle. */
export function RequireAuth(props: RequireAuthProps): ReactNode {
  const store = useAuthStore(props.configId)
  const snapshot = useAuthSnapshot(store)
  const [wasShown, setWasShown] = useState(false)
  const verdict = judge({ store, snapshot, props, wasShown })
  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  useEffect(() => {
    if (verdict === 'show') setWasShown(true)
    if (verdict === 'ask') ask(store, latest.current)
  }, [verdict, store])
  if (verdict === 'show') return props.children
  if (verdict === 'insufficient') return props.insufficient ?? <p role="alert">You are not allowed to see this page.</p>
  if (verdict === 'ended') return props.ended ?? props.children
  if (verdict === 'signed-out') return props.signedOut ?? props.fallback
  if (verdict !== 'failed') return props.fallback
  const again = () => (snapshot.state.status === 'unknown' ? store.start() : ask(store, props))
  return (props.failed ?? plainFailure)(snapshot.error, again)
}

function ask(store: AuthStore, props: RequireAuthProps): void {
  const missing = whatIsMissing(store.auth, props)
  store.signIn({ ...props.signIn, ...(missing === 'asked' ? {} : missing) })
}

function judge(of: {
  readonly store: AuthStore
  readonly snapshot: AuthSnapshot
  readonly props: RequireAuthProps
  readonly wasShown: boolean
}): Verdict {
  const { state, error, settled } = of.snapshot
  if (state.status === 'authenticated') {
    const missing = whatIsMissing(of.store.auth, of.props)
    if (missing === null) return 'show'
    if (!settled) return 'wait'
    return missing === 'asked' || error !== null ? 'insufficient' : 'ask'
  }
  if (!settled || (state.status === 'unknown' && error === null)) return 'wait'
  if (error !== null) return 'failed'
  // Whose session ends on the page is not sent away from it: unsaved work would be lost.
  if (!of.wasShown) return 'ask'
  return state.because?.startsWith('signed-out') === true ? 'signed-out' : 'ended'
}

function plainFailure(error: unknown, again: () => void): ReactNode {
  return (
    <div role="alert">
      <p>Signing in did not work: {error instanceof Error ? error.message : String(error)}</p>
      <button type="button" onClick={again}>
        Try again
      </button>
    </div>
  )
}
