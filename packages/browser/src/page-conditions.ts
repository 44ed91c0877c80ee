import { ProtocolError } from '@latchkey/protocol'
import type { Auth, SignInOptions } from './auth.ts'
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

const leftBeforeDone = () => new ProtocolError('authorization_failed', 'the sign-in was left before it was done')
