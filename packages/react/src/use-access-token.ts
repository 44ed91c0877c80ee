import type { Auth, TokenTarget } from '@latchkey/browser'
import { useEffect, useState } from 'react'
import { useAuthSnapshot, useAuthStore } from './auth-context.ts'

export interface AccessTokenTarget extends TokenTarget {
  readonly configId?: string
}

export interface UseAccessToken {
  /** Null while it is fetched, when nobody is signed in, and where it cannot be had. */
  readonly accessToken: string | null
  /** Why it cannot be had; `error.retryable` says whether `getAccessToken` is worth another call. */
  readonly error: unknown
}

interface Held extends UseAccessToken {
  /** For whom it was fetched. */
  readonly of?: readonly [Auth, string | undefined, string | undefined]
}

const nothing: Held = { accessToken: null, error: null }

/**
 * The current access token, replaced when it is renewed. For calls that need only a token in a header, `useAuthFetch`
 * is better: it also asks again after a 401.
 */
export function useAccessToken({ resource, scope, configId }: AccessTokenTarget = {}): UseAccessToken {
  const store = useAuthStore(configId)
  const { auth } = store
  const { state } = useAuthSnapshot(store)
  const [held, hold] = useState(nothing)
  useEffect(() => {
    if (state.status !== 'authenticated') return
    let isCurrent = true
    const keep = (accessToken: string | null, error: unknown = null) => {
      if (isCurrent) hold({ accessToken, error, of: [auth, resource, scope] })
    }
    const target = { ...(resource && { resource }), ...(scope && { scope }) }
    auth.getAccessToken(target).then(
      (token) => keep(token),
      (error: unknown) => keep(null, error),
    )
    return () => {
      isCurrent = false
    }
  }, [auth, state, resource, scope])
  const [of, forResource, withScope] = held.of ?? []
  const isOurs = of === auth && forResource === resource && withScope === scope
  return isOurs && state.status === 'authenticated' ? held : nothing
}
