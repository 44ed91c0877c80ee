import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { useAuth } from '@latchkey/react'
import { followState, type TokenHistory } from '@latchkey-apps/demo-spa/token-history'
import { useEffect, useState } from 'react'

export interface TokenLife {
  /** Epoch seconds, moving once a second. */
  readonly now: number
  readonly history: TokenHistory | null
}

/** Watches the session's tokens come and go, and the clock. */
export function useTokenLife(): TokenLife {
  const { auth } = useAuth()
  const [life, setLife] = useState<TokenLife>({ now: systemRuntime.now(), history: null })
  useEffect(() => {
    const follow = () =>
      setLife(({ history }) => {
        const now = systemRuntime.now()
        return { now, history: followState(history, auth.state, now) }
      })
    follow()
    const unsubscribe = auth.subscribe(follow)
    let cancel = systemRuntime.schedule(1, tick)
    function tick() {
      follow()
      cancel = systemRuntime.schedule(1, tick)
    }
    return () => {
      unsubscribe()
      cancel()
    }
  }, [auth])
  return life
}
