import { ProtocolError } from '@latchkey/protocol'
import type { Auth, SignInOptions, SignOutOptions } from './auth.ts'
import { isLoadedAgain, neverShowAgain, whenShownAgain } from './platform/page-return.ts'
import { scopes } from './scopes.ts'
import { usualScope } from './settings.ts'

/** What a page asks of the person's sign-in. */
export interface PageConditions {
  /** Space-separated; every one must have been granted. In mode `bff` the page cannot know: the API answers. */
  readonly scope?: string
  /** The sign-in must have reached one of these. @spec OIDC Core §2 acr; RFC 9470 §4 */
  readonly acrValues?: readonly string[]
}

/**
 * Null when the session has it all; else the options of the sign-in that could bring it, or `asked` when this page has just
 * come back from that very one.
 */
export function whatIsMissing(auth: Auth, { scope, acrValues }: PageConditions): SignInOptions | 'asked' | null {
  const { state, config, appState } = auth
  const acr = state.status === 'authenticated' ? state.claims.acr : undefined
  const granted = auth.getTokens()?.scope
  const wanted = scopes(scope)
  const more: SignInOptions = {
    ...(granted === undefined || wanted.every((word) => granted.includes(word))
      ? {}
      : { scope: scopes(config.scope ?? usualScope, scope).join(' ') }),
    ...(acrValues === undefined || acrValues.some((one) => one === acr) ? {} : { acrValues }),
  }
  const askedFor = JSON.stringify(more)
  if (askedFor === '{}') return null
  return (appState as { askedFor?: unknown } | undefined)?.askedFor === askedFor
    ? 'asked'
    : { ...more, appState: { askedFor } }
}

/**
 * For a page that has just left for the provider by itself: tells when the person has come back to this very page instead
 * of signing in, so that it shows the way on.
 */
export function whenSignInIsLeft({ config }: Auth, tell: (error: ProtocolError) => void): void {
  whenShownAgain(config.configId, () => tell(leftBeforeDone()))
}

/** For a page that has just been loaded: the same where the browser has not kept the page that left. Null else, and from then on. */
export function leftSignIn({ config }: Auth): ProtocolError | null {
  return isLoadedAgain(config.configId) ? leftBeforeDone() : null
}

/**
 * For a framework that leaves a guarded page standing when its session ends: whoever goes back to it later is not shown what
 * it showed. Once for each `auth` is enough.
 */
export function showNobodyElse(auth: Auth): void {
  neverShowAgain(() => auth.state.status === 'anonymous' && auth.state.because !== undefined)
}

/**
 * Signs out everywhere where the application goes to the provider by itself: the session ends in every tab, the refresh token
 * at the provider, and `go` gets the address that ends the provider's own session. A provider that is away keeps nobody
 * signed in. @spec RFC 7009 §2.1; RP-Initiated Logout §2
 */
export async function signOutBy(
  auth: Auth,
  options: SignOutOptions,
  go: (url: string) => void | Promise<void>,
): Promise<void> {
  const refreshToken = auth.getTokens()?.refreshToken
  const leaving = auth.getEndSessionUrl(options).catch(() => null)
  await auth.signOut({ where: 'browser' })
  if (refreshToken) await auth.revoke('refresh_token', refreshToken).catch(() => undefined)
  const url = await leaving
  if (url !== null) await go(url)
}

const leftBeforeDone = () => new ProtocolError('authorization_failed', 'the sign-in was left before it was done')
