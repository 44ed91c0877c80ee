import { ConfigError } from '@latchkey/protocol'
import type { Auth, SignInOptions } from './auth.ts'
import type { ApiChallenge } from './auth-event.ts'
import { given } from './given.ts'
import { needsPart, type Parts } from './parts.ts'
import type { Settings } from './settings.ts'
import { authorizeUrl, beginSession, leaveForSignIn } from './sign-in.ts'

/** Everything of `Auth` that signs in. */
export type SignInWays = Pick<
  Auth,
  'signIn' | 'signInWithPopup' | 'signInSilently' | 'answerChallenge' | 'getAuthorizeUrl'
>

export function createSignInWays(parts: Parts): SignInWays {
  const { platform, settings, holder } = parts
  const { interactive } = platform
  const ways: SignInWays = {
    signIn: async (options) => (interactive ? leaveForSignIn(parts, options) : undefined),
    async signInWithPopup(options = {}) {
      if (!interactive) return holder.state
      if (parts.popup === undefined) throw new ConfigError([needsPart('signInWithPopup', 'popup()')])
      const tokens = await parts.popup(parts, options).catch((error: unknown) => {
        parts.events.emit({ type: 'sign-in-failed', error })
        throw error
      })
      await beginSession(parts, tokens, 'popup')
      return holder.state
    },
    async signInSilently({ resource, ...options } = {}) {
      if (!interactive) return false
      if (parts.silent === undefined) throw new ConfigError([needsPart('signInSilently', 'silentSignIn()')])
      const found = await parts.silent.ask(parts, options)
      if (found !== null) await beginSession(parts, found, 'silent')
      return found !== null
    },
    async answerChallenge(challenge, how = 'redirect') {
      const options = signInFor(challenge, settings)
      if (how === 'popup') await ways.signInWithPopup(options)
      else await ways.signIn(options)
    },
    getAuthorizeUrl: (options) => authorizeUrl(parts, options),
  }
  return ways
}

/** What answers an API's challenge. @spec RFC 9470 §4; RFC 6750 §3.1 */
function signInFor(challenge: ApiChallenge, settings: Settings): SignInOptions & { prompt?: 'consent' } {
  if (challenge.kind === 'step-up') {
    const { acrValues, maxAgeSeconds } = challenge
    return given({ acrValues, maxAgeSeconds })
  }
  const scope = [...new Set(`${settings.scope} ${challenge.scope ?? ''}`.trim().split(/ +/))].join(' ')
  return { scope, prompt: 'consent' }
}
