import { ConfigError } from '@latchkey/protocol'
import type { Auth } from './auth.ts'
import { needsPart, type Parts } from './parts.ts'
import { authorizeUrl, beginSession, leaveForSignIn } from './sign-in.ts'

/** Everything of `Auth` that signs in. */
export type SignInWays = Pick<Auth, 'signIn' | 'signInWithPopup' | 'signInSilently' | 'getAuthorizeUrl'>

export function createSignInWays(parts: Parts): SignInWays {
  const { platform, holder, popup, silent, events } = parts
  const { interactive } = platform
  return {
    signIn: async (options) => (interactive ? leaveForSignIn(parts, options) : undefined),
    async signInWithPopup(options = {}) {
      if (!interactive) return holder.state
      if (!popup) throw new ConfigError([needsPart('signInWithPopup', 'popup()')])
      try {
        await beginSession(parts, await popup(parts, options), 'popup')
      } catch (error) {
        events.emit({ type: 'sign-in-failed', error })
        throw error
      }
      return holder.state
    },
    async signInSilently({ resource, ...options } = {}) {
      if (!interactive) return false
      if (!silent) throw new ConfigError([needsPart('signInSilently', 'silentSignIn()')])
      const found = await silent.ask(parts, options)
      if (found) await beginSession(parts, found, 'silent')
      return found !== null
    },
    getAuthorizeUrl: (options) => authorizeUrl(parts, options),
  }
}
