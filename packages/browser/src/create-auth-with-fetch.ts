import { ConfigError } from '@latchkey/protocol'
import type { Auth, AuthConfig, BffAuthConfig } from './auth.ts'
import { type CoreAuth, createAuth } from './create-auth.ts'
import { apiFetch } from './parts/api-fetch.ts'
import { renewAhead } from './parts/renew-ahead.ts'
import { needsPart } from './parts.ts'
import { everyBrowserPlatform } from './platform/every-browser-platform.ts'
import type { Platform } from './platform/platform.ts'

/**
 * Sign-in, tokens, `fetch` and sign-out for one configuration: `createAuth` of `@latchkey/browser/core` with the parts
 * `apiFetch()` and `renewAhead()`, in browsers without Web Locks as well. On a server it stays inert: the state is `unknown`, nothing is sent.
 * @throws ConfigError with every problem of the configuration at once.
 */
export function createAuthWithFetch(
  config: AuthConfig | BffAuthConfig,
  platform: Platform = everyBrowserPlatform(),
): Auth {
  const auth: CoreAuth = createAuth({ ...config, parts: [apiFetch(), renewAhead(), ...(config.parts ?? [])] }, platform)
  /** On a server nobody is refused: there nothing happens at all. */
  const refuse = (method: string, part: string) => {
    if (platform.interactive) throw new ConfigError([needsPart(method, part)])
  }
  auth.signInWithPopup ??= async () => {
    refuse('signInWithPopup', 'popup()')
    return auth.state
  }
  auth.signInSilently ??= async () => {
    refuse('signInSilently', 'silentSignIn()')
    return false
  }
  return auth as Auth
}
