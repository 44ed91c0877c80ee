import { ConfigError, encodeBase64url, ProtocolError } from '@latchkey/protocol'
import type { Auth, PopupOptions, SignInOptions, SignOutOptions } from '../auth.ts'
import type { ApiChallenge } from '../auth-event.ts'
import type { AuthEvents } from '../auth-events.ts'
import type { AskInWindow } from '../auth-part.ts'
import type { AuthState } from '../auth-state.ts'
import { localAddress, withoutResponse } from '../local-address.ts'
import { needsPart } from '../parts.ts'
import type { Platform } from '../platform/platform.ts'
import type { BffSession } from './bff-session.ts'
import type { BffPlace } from './bff-user.ts'

export interface Travelling {
  readonly platform: Platform
  readonly place: BffPlace
  readonly session: BffSession
  readonly events: AuthEvents
  /** Of the part `popup()`, where there is one. */
  readonly askInWindow: AskInWindow | undefined
  /** The static page that a window ends on. */
  readonly popupRedirectUri: string
}

type Ways = Pick<
  Auth,
  | 'signIn'
  | 'signInWithPopup'
  | 'signInSilently'
  | 'answerChallenge'
  | 'getAuthorizeUrl'
  | 'getEndSessionUrl'
  | 'signOut'
>

/** Everything of `Auth` that signs in or out: navigations to the BFF's endpoints, here or in a window. */
export function createBffWays(travelling: Travelling): Ways {
  const { platform, place, session, events } = travelling
  const { page, interactive, runtime } = platform
  const logoutUrl = () => new URL(session.user()?.logoutUrl ?? `${place.basePath}/logout`, page.href()).href
  const ways: Ways = {
    async signIn(options) {
      if (!interactive) return
      const url = loginUrl(page.href(), place, options)
      events.emit({ type: 'leaving', to: 'sign-in' })
      page.assign(url)
    },
    signInWithPopup: async (options) => (interactive ? signInInWindow(travelling, options) : session.state),
    signInSilently: async () => (await session.check()).status === 'authenticated',
    async answerChallenge(challenge, how) {
      const options = signInFor(challenge)
      if (how === 'popup') await ways.signInWithPopup(options)
      else await ways.signIn(options)
    },
    getAuthorizeUrl: async (options) => loginUrl(page.href(), place, options),
    getEndSessionUrl: async () => (session.user() === null ? null : logoutUrl()),
    async signOut(options: SignOutOptions = {}) {
      if (!interactive) return
      const where = options.where ?? (options.local === true ? 'browser' : 'everywhere')
      const url = logoutUrl()
      const signedIn = session.state.status === 'authenticated'
      session.end('signed-out', where === 'tab' ? 'tab' : 'everywhere')
      if (!signedIn || where === 'tab') return
      if (where === 'browser') {
        // The BFF's session ends; its redirect to the provider is not followed.
        await runtime.fetch(url, { method: 'POST', redirect: 'manual', headers: place.header }).catch(() => null)
        return
      }
      events.emit({ type: 'leaving', to: 'sign-out' })
      if (options.method === 'POST') page.submit(url, {})
      else page.assign(url)
    },
  }
  return ways
}

/**
 * The window goes the BFF's own way and comes back to the static page, which tells us: the session is a cookie by then, and
 * what the page says is no more than a reason to look. @spec RFC 6749 §10.12 (state)
 */
async function signInInWindow(travelling: Travelling, options: PopupOptions = {}): Promise<AuthState> {
  const { platform, place, session, events, askInWindow, popupRedirectUri } = travelling
  try {
    if (askInWindow === undefined) throw new ConfigError([needsPart('signInWithPopup', 'popup()')])
    const state = encodeBase64url(platform.runtime.randomBytes(16))
    const returnTo = new URL(popupRedirectUri)
    returnTo.searchParams.set('state', state)
    const url = loginUrl(platform.page.href(), place, { ...options, returnTo: returnTo.href })
    const asked = { ...options, redirectUri: popupRedirectUri }
    const callback = await askInWindow(platform, asked, (ask) => ask(url, state))
    const oauthError = callback.get('bff_error')
    if (oauthError !== null) {
      throw new ProtocolError('authorization_failed', `signing in failed: ${oauthError}`, { oauthError })
    }
    const found = await session.lookAfter('popup')
    if (found.status === 'authenticated') return found
    throw new ProtocolError('not_signed_in', 'the window came back, but the BFF knows nobody: is its cookie blocked?')
  } catch (error) {
    events.emit({ type: 'sign-in-failed', error })
    throw error
  }
}

/** What answers an API's challenge. @spec RFC 9470 §4; RFC 6750 §3.1 */
function signInFor(challenge: ApiChallenge): SignInOptions & { prompt?: 'consent' } {
  if (challenge.kind === 'scope') return { prompt: 'consent' }
  const { acrValues, maxAgeSeconds } = challenge
  return { acrValues, maxAgeSeconds }
}

function loginUrl(here: string, { basePath }: BffPlace, options: SignInOptions = {}): string {
  const returnTo = localAddress(options.returnTo ?? withoutResponse(here), here)
  if (returnTo === null) throw new ConfigError(['returnTo: leads to another origin; name a path of this app'])
  const { prompt, loginHint, acrValues, maxAgeSeconds, uiLocales, extraParameters } = options
  const url = new URL(`${basePath}/${prompt === 'none' ? 'silent-login' : 'login'}`, here)
  const parameters = {
    ...extraParameters,
    returnUrl: returnTo,
    prompt: prompt === 'none' ? undefined : prompt,
    login_hint: loginHint,
    acr_values: acrValues?.join(' '),
    max_age: maxAgeSeconds?.toString(),
    ui_locales: uiLocales?.join(' '),
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}
