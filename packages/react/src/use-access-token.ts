import type { Auth } from '@latchkey/browser'
import { useEffect, useState } from 'react'
import { useAuthSnapshot, useAuthStore } from './auth-context.ts'

export interface AccessTokenTarget {
  /** The API it is for; default that of the configuration. @spec RFC 8707 §2.2 */
  readonly resource?: string
  /** Space-separated; narrows what was granted. */
  readonly scope?: string
  readonly configId?: string
}

export interface UseAccessToken {
  /** Null while it is fetched, when nobody is signed in, and where it cannot be had. */
  readonly accessToken: string | null
  /** Why it cannot be had; `error.retryable` says whether `getAccessToken` is worth another call. */
  readonly error: unknown
}

interface Held extends UseAccessToken {
  readonly auth: Auth | null
  readonly resource: string | undefined
  readonly scope: string | undefined
}

const nothing: UseAccessToken = { accessToken: null, error: null }

/**
 * The current access token, replaced when it is renewed. For calls that need only a token in a header, `useAuthFetch`
 * is better: it also asks again after a 401.
 */
export function useAccessToken({ resource, scope, configId }: AccessTokenTarget = {}): UseAccessToken {
  const { auth, ...store } = useAuthStore(configId)
  const { state } = useAuthSnapshot({ auth, ...store })
  const [held, hold] = useState<Held>({ ...nothing, auth: null, resource, scope })
  useEffect(() => {
    if (state.status !== 'authenticated') return
    let isCurrent = true
    const keep = (result: UseAccessToken) => {
      if (isCurrent) hold({ ...result, auth, resource, scope })
    }
    const target = { ...(resource === undefined ? {} : { resource }), ...(scope === undefined ? {} : { scope }) }
    auth.getAccessToken(target).then(
      (accessToken) => keep({ accessToken, error: null }),
      (error: unknown) => keep({ accessToken: null, error }),
    )
    return () => {
      isCurrent = false
    }
  }, [auth, state, resource, scope])
  const isOurs = held.auth === auth && held.resource === resource && held.scope === scope
  return isOurs && state.status === 'authenticated' ? held : nothing
}
