import { ConfigError, issuerProblems, parseSecureRoutes, type SecureRoute } from '@latchkey/protocol'
import type { AuthConfig } from './auth.ts'

/** A checked configuration with its defaults. */
export interface Settings {
  /** Names the configuration among tabs: what differs in it must not share tokens. */
  readonly name: string
  readonly configId: string
  readonly issuer: string
  readonly clientId: string
  readonly redirectUri: string
  readonly silentRedirectUri: string
  readonly postLogoutRedirectUri: string
  readonly scope: string
  readonly resource: string | undefined
  readonly routes: readonly SecureRoute[]
  readonly renewBeforeExpirySeconds: number
  readonly extraParameters: Readonly<Record<string, string>>
}

/** @throws ConfigError with every problem at once. */
export function resolveSettings(config: AuthConfig, href: string): Settings {
  const { origin } = new URL(href)
  const problems = [...problemsOf(config, origin)]
  const routes = collect(problems, () => parseSecureRoutes(config.secureRoutes ?? [], href)) ?? []
  if (problems.length > 0) throw new ConfigError(problems)
  const { configId = 'default', issuer, clientId, scope = 'openid profile email', resource } = config
  return {
    name: `latchkey:${[configId, issuer, clientId, scope, resource ?? ''].map(encodeURIComponent).join(':')}`,
    configId,
    issuer,
    clientId,
    redirectUri: config.redirectUri ?? `${origin}/`,
    silentRedirectUri: config.silentRedirectUri ?? `${origin}/silent-callback.html`,
    postLogoutRedirectUri: config.postLogoutRedirectUri ?? `${origin}/`,
    scope,
    resource,
    routes,
    renewBeforeExpirySeconds: config.renewBeforeExpirySeconds ?? 0,
    extraParameters: config.extraParameters ?? {},
  }
}

function* problemsOf(config: AuthConfig, origin: string): Generator<string> {
  yield* issuerProblems(config.issuer)
  if (config.clientId === '') yield 'clientId: give the client_id that is registered at the provider'
  if (config.scope !== undefined && !config.scope.split(' ').includes('openid')) {
    yield `scope: add "openid" to "${config.scope}"; without it the provider does not say who signed in`
  }
  for (const member of ['redirectUri', 'silentRedirectUri'] as const) {
    const uri = config[member]
    if (uri === undefined) continue
    if (!URL.canParse(uri)) yield `${member}: "${uri}" is no absolute URL; write one such as ${origin}/callback`
    else if (new URL(uri).origin !== origin) yield `${member}: "${uri}" is not on this page's origin, ${origin}`
    else if (uri.includes('#')) yield `${member}: remove the fragment`
  }
  const before = config.renewBeforeExpirySeconds
  if (before !== undefined && !(before >= 0)) yield `renewBeforeExpirySeconds: write 0 or more seconds, not ${before}`
}

function collect<T>(problems: string[], read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}
