import { connectProvider, createAuthenticatedFetch, type TokenManager } from '@latchkey/client'
import { isSecureRoute } from '@latchkey/protocol'
import type { Auth, AuthConfig } from './auth.ts'
import { createLoginTransactions } from './login-transactions.ts'
import type { Parts } from './parts.ts'
import { browserPlatform } from './platform/browser-platform.ts'
import type { Platform } from './platform/platform.ts'
import { refuseRedirects } from './redirect-guard.ts'
import { createRenewalTimer } from './renewal-timer.ts'
import { createSessionHolder } from './session-holder.ts'
import { resolveSettings } from './settings.ts'
import { createSharedTokens } from './shared-tokens.ts'
import { leaveForSignIn } from './sign-in.ts'
import { revoke, signOut } from './sign-out.ts'
import { createStart } from './start.ts'
import { openTabs } from './tabs.ts'

/**
 * Sign-in, tokens and sign-out for one configuration. On a server it stays inert: the state is `unknown`, nothing is sent.
 * @throws ConfigError with every problem of the configuration at once.
 */
export function createAuth(config: AuthConfig, platform: Platform = browserPlatform()): Auth {
  const parts = openParts(config, platform)
  const { settings, holder } = parts
  const { interactive, page } = platform
  const start = createStart(parts)
  const tokens = createSharedTokens(parts, start.known)
  const isSecure = (url: string) => isSecureRoute(url, page.href(), settings.routes)
  const stopRenewing = renewAhead(parts, tokens)

  return {
    config: { ...config, configId: settings.configId },
    get state() {
      return holder.state
    },
    subscribe: (listener) => holder.subscribe(listener),
    start,
    async getAccessToken({ forceRenewal = false, rejected, signal } = {}) {
      const wait = signal === undefined ? {} : { signal }
      if (forceRenewal) await start.known(signal)
      const refused = rejected ?? (forceRenewal ? holder.current()?.tokens.accessToken : undefined)
      const set = await (refused === undefined ? tokens.get(wait) : tokens.renew(refused, wait))
      return set?.accessToken ?? null
    },
    peekAccessToken() {
      const set = holder.current()?.tokens
      return set !== undefined && set.expiresAt > platform.runtime.now() ? set.accessToken : null
    },
    getIdToken: () => holder.current()?.tokens.idToken ?? null,
    fetch(input, init) {
      const fetch = refuseRedirects((target, sent) => platform.runtime.fetch(target, sent), init)
      return createAuthenticatedFetch({ tokens, allows: isSecure, runtime: { fetch } })(input, init)
    },
    isSecureRoute: isSecure,
    signIn: async (options) => (interactive ? leaveForSignIn(parts, options) : undefined),
    signOut: async (options) => (interactive ? signOut(parts, options) : undefined),
    revoke: async (kind, token) => (interactive ? revoke(parts, kind, token) : undefined),
    dispose() {
      stopRenewing()
      parts.tabs.close()
    },
  }
}

function openParts(config: AuthConfig, platform: Platform): Parts {
  const { runtime, storage, page } = platform
  const settings = resolveSettings(config, page.href())
  const { issuer, clientId, name } = settings
  const holder = createSessionHolder()
  return {
    platform,
    settings,
    holder,
    connection: connectProvider({ issuer, clientId, runtime }),
    tabs: openTabs({ platform, name, holder }),
    logins: createLoginTransactions({ storage, runtime, name }),
  }
}

/** Renews by timer where the configuration says so, and hears what was missed when the page wakes up. */
function renewAhead({ platform, settings, holder, tabs }: Parts, tokens: TokenManager): () => void {
  const timer = createRenewalTimer({
    runtime: platform.runtime,
    beforeSeconds: settings.renewBeforeExpirySeconds,
    current: () => holder.current()?.tokens ?? null,
    renew: (accessToken) => tokens.renew(accessToken),
  })
  const unsubscribe = holder.subscribe(() => timer.reset())
  const unwatch = platform.onLifecycle((event) => {
    if (event === 'resume') void tabs.catchUp().then(() => timer.reset())
  })
  return () => {
    unsubscribe()
    unwatch()
    timer.stop()
  }
}
