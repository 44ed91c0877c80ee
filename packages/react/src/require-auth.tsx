import type { Auth, AuthState, SignInOptions } from '@latchkey/browser'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { useAuthSnapshot, useAuthStore } from './auth-context.ts'
import type { AuthSnapshot, AuthStore } from './auth-store.ts'

export interface RequireAuthProps {
  readonly children: ReactNode
  readonly configId?: string
  /** Shown while it is found out who is there, and on the way to the provider. */
  readonly fallback?: ReactNode
  /** How the sign-in is asked for; it returns to the page it left from unless `returnTo` says otherwise. */
  readonly signIn?: SignInOptions
  /** Space-separated; every one must have been granted. */
  readonly scope?: string
  /** The sign-in must have reached one of these. @spec OIDC Core §2 */
  readonly acrValues?: readonly string[]
  /** Shown to a person whose sign-in, just asked for, did not give `scope` or `acrValues`. */
  readonly insufficient?: ReactNode
  /** Shown in place of the page when somebody signs out on it; default: the `fallback`. */
  readonly signedOut?: ReactNode
  /** Shown when the sign-in or finding out failed; there is no second attempt unless `again` is called. */
  readonly failed?: (error: unknown, again: () => void) => ReactNode
}

const usualScope = 'openid profile email'

type Verdict = 'wait' | 'show' | 'ask' | 'insufficient' | 'signed-out' | 'failed'

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
    if (verdict === 'ask') store.signIn(askFor(store.auth, latest.current))
  }, [verdict, store])
  if (verdict === 'show') return props.children
  if (verdict === 'insufficient') return props.insufficient ?? <p role="alert">You are not allowed to see this page.</p>
  if (verdict === 'signed-out') return props.signedOut ?? props.fallback
  if (verdict === 'failed') {
    const again = () => (snapshot.state.status === 'unknown' ? store.start() : store.signIn(askFor(store.auth, props)))
    return (props.failed ?? plainFailure)(snapshot.error, again)
  }
  return props.fallback
}

function judge(of: {
  readonly store: AuthStore
  readonly snapshot: AuthSnapshot
  readonly props: RequireAuthProps
  readonly wasShown: boolean
}): Verdict {
  const { state, error, settled, returned } = of.snapshot
  if (state.status === 'authenticated' && isEnough(of.store, state, of.props)) return 'show'
  if (!settled) return 'wait'
  if (state.status === 'authenticated') return returned || error !== null ? 'insufficient' : 'ask'
  if (error !== null) return 'failed'
  if (state.status === 'unknown') return 'wait'
  return of.wasShown && signedOutHere(state) ? 'signed-out' : 'ask'
}

function signedOutHere(state: AuthState): boolean {
  return state.status === 'anonymous' && (state.because === 'signed-out' || state.because === 'signed-out-elsewhere')
}

function isEnough({ auth }: AuthStore, state: AuthState, { scope, acrValues }: RequireAuthProps): boolean {
  const granted = auth.getTokens()?.scope ?? []
  const hasScope = words(scope).every((one) => granted.includes(one))
  const acr = state.status === 'authenticated' ? state.claims.acr : undefined
  return hasScope && (acrValues === undefined || acrValues.some((one) => one === acr))
}

function askFor({ config }: Auth, { signIn, scope, acrValues }: RequireAuthProps): SignInOptions {
  return {
    ...(scope === undefined
      ? {}
      : { scope: [...new Set([...words(config.scope ?? usualScope), ...words(scope)])].join(' ') }),
    ...(acrValues === undefined ? {} : { acrValues }),
    ...signIn,
  }
}

function words(scope: string | undefined): readonly string[] {
  return scope === undefined ? [] : scope.split(' ').filter((word) => word !== '')
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
