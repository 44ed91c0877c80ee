import { connectProvider, exchangeCode, refreshTokens, revokeToken } from '@latchkey/client'
import { ConfigError } from '@latchkey/protocol'
import type { Auth, AuthConfig, BffAuthConfig } from './auth.ts'
import { createAuthEvents } from './auth-events.ts'
import type { ApiAccess, AuthPart, BroughtBy, TokenRequests } from './auth-part.ts'
import { createLoginTransactions } from './login-transactions.ts'
import { needsPart, type Parts, partOf } from './parts.ts'
import { browserPlatform } from './platform/browser-platform.ts'
import type { Platform } from './platform/platform.ts'
import { createSessionHolder } from './session-holder.ts'
import { resolveSettings } from './settings.ts'
import { createSharedTokens } from './shared-tokens.ts'
import { authorizeUrl, leaveForSignIn } from './sign-in.ts'
import { leaveUrl, revoke, signOut } from './sign-out.ts'
import { createStart } from './start.ts'
import { openTabs } from './tabs.ts'

/** `Auth` as far as it is there without parts: `apiFetch()` brings what spends tokens, `popup()` and `silentSignIn()` their ways. */
export type CoreAuth = Omit<Auth, OfParts> & Partial<Pick<Auth, OfParts>>
type OfParts = keyof ApiAccess | 'signInWithPopup' | 'signInSilently'

/**
 * Sign-in, tokens and sign-out for one configuration. On a server it stays inert: the state is `unknown`, nothing is sent.
 * @throws ConfigError with every problem of the configuration at once.
 */
export function createAuth<const P extends readonly AuthPart[] = readonly []>(
  config: (Omit<AuthConfig, 'parts'> | Omit<BffAuthConfig, 'parts'>) & { readonly parts?: P },
  platform: Platform = browserPlatform(),
): CoreAuth & Pick<Auth, BroughtBy<P[number]>> {
  if (config.mode !== 'bff') return openAuth(config as AuthConfig, platform)
  const bff = partOf(config, 'bff')
  if (!bff) throw new ConfigError([needsPart("mode: 'bff'", 'bffMode()')])
  return bff(config, platform)
}

function openAuth(config: AuthConfig, platform: Platform): Auth {
  const parts = openParts(config, platform)
  const { interactive, settings, holder, requests, tabs } = parts
  const start = createStart(parts)
  const tokens = createSharedTokens(parts, start)
  const onPage =
    <A extends unknown[]>(step: (parts: Parts, ...given: A) => Promise<void>) =>
    async (...given: A) =>
      interactive ? step(parts, ...given) : undefined
  const core: CoreAuth = {
    config: settings,
    get state() {
      return holder.state
    },
    get appState() {
      return holder.appState
    },
    subscribe: holder.subscribe,
    onEvent: parts.subscribe,
    start,
    getAccessToken: async (options) => (await tokens.get(options))?.accessToken ?? null,
    peekAccessToken: tokens.peek,
    getIdToken: () => holder.current()?.tokens.idToken ?? null,
    getTokens: () => holder.current()?.tokens ?? null,
    fetch() {
      throw new ConfigError([needsPart('fetch', 'apiFetch()')])
    },
    signIn: onPage(leaveForSignIn),
    getAuthorizeUrl: (options) => authorizeUrl(parts, options),
    getEndSessionUrl: (options) => leaveUrl(parts, options),
    signOut: onPage(signOut),
    revoke: onPage(revoke),
    dispose() {
      for (const end of endings) end?.()
    },
  }
  const auth = core as Auth
  const { parts: added = [] } = settings
  for (const part of added) Object.assign(auth, part.methods?.(parts, auth, tokens.get))
  const endings = [
    ...added.map((part) => (interactive ? part.watch?.(parts, auth, tokens.get) : undefined)),
    /** Hears what was missed when the page wakes up. */
    parts.onLifecycle((event) => {
      if (event !== 'resume') return
      tokens.wake()
      void parts.tabs.catchUp()
    }),
    tabs.close,
    requests.close,
  ]
  return auth
}

function openParts(config: AuthConfig, platform: Platform): Parts {
  const settings = resolveSettings(config, platform.page.href())
  const { issuer, clientId, name, parts = [] } = settings
  const extras = parts.map((part) => part.connection?.(settings, platform))
  const connection = connectProvider(Object.assign({ issuer, clientId, runtime: platform.runtime }, ...extras))
  const ofPage = platform.interactive ? config : {}
  const requests: TokenRequests = partOf(ofPage, 'requests')?.(settings, platform) ?? {
    ...connection.dpop,
    exchange: exchangeCode.bind(null, connection),
    refresh: refreshTokens.bind(null, connection),
    revoke: revokeToken.bind(null, connection),
  }
  const events = createAuthEvents()
  const holder = createSessionHolder(events)
  const tabs = openTabs({ platform, name, holder, shares: !requests.ofThisTab })
  return {
    ...platform,
    settings,
    connection,
    requests,
    ...events,
    holder,
    tabs: partOf(ofPage, 'keep')?.(settings, platform, { holder, tabs }) ?? tabs,
    logins: createLoginTransactions(platform, name),
    silent: partOf(config, 'silent'),
  }
}
