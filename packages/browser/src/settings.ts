import { ConfigError, isSecureUrl, readUrl } from '@latchkey/protocol'
import type { AuthConfig } from './auth-config.ts'
import { given } from './given.ts'
import { needsPart, partOf } from './parts.ts'
import { scopes } from './scopes.ts'

/** A checked configuration with its defaults. */
export interface Settings extends AuthConfig {
  /** Names the configuration among tabs: what differs in it must not share tokens. */
  readonly name: string
  readonly configId: string
  readonly redirectUri: string
  readonly silentRedirectUri: string
  readonly popupRedirectUri: string
  readonly postLogoutRedirectUri: string
  readonly scope: string
}

/** The scope of a configuration that names none. */
export const usualScope = 'openid profile email'

/** @throws ConfigError with every problem at once. */
export function resolveSettings(config: AuthConfig, href: string): Settings {
  const { origin } = new URL(href)
  const settings = {
    configId: 'default',
    scope: usualScope,
    redirectUri: `${origin}/`,
    silentRedirectUri: `${origin}/silent-callback.html`,
    popupRedirectUri: `${origin}/popup-callback.html`,
    postLogoutRedirectUri: `${origin}/`,
    ...(given(config) as AuthConfig),
  }
  const { configId, issuer, clientId, scope, resource } = settings
  const problems = problemsOf(settings, origin)
  const checkRoutes = partOf(config, 'checkRoutes')
  checkRoutes?.(config, href, problems)
  const need = (member: keyof AuthConfig, part: string, is: unknown) => {
    if (config[member] && !is) problems.push(needsPart(member, part))
  }
  need('secureRoutes', 'apiFetch()', checkRoutes)
  need('renewBeforeExpirySeconds', 'renewAhead()', partOf(config, 'renewsAhead'))
  if (problems.length > 0) throw new ConfigError(problems)
  return { ...settings, name: `latchkey:${JSON.stringify([configId, issuer, clientId, scope, resource])}` }
}

function problemsOf(config: Omit<Settings, 'name'>, origin: string): string[] {
  const problems: string[] = []
  const need = (member: keyof AuthConfig, expected: string, is: unknown) => {
    if (!is) problems.push(`${member}: write ${expected}, not ${JSON.stringify(config[member])}`)
  }
  need('issuer', 'an https URL without query or fragment (loopback: http)', isIssuer(config.issuer))
  need('clientId', 'the registered client_id', config.clientId)
  need('scope', '"openid" among the scopes', scopes(config.scope).includes('openid'))
  for (const member of ['redirectUri', 'silentRedirectUri', 'popupRedirectUri'] as const) {
    const uri = config[member]
    need(member, `a URL of ${origin} without fragment`, readUrl(uri)?.origin === origin && !uri.includes('#'))
  }
  for (const member of ['renewBeforeExpirySeconds', 'maxAgeSeconds'] as const) {
    need(member, '0 or more seconds', (config[member] ?? 0) >= 0)
  }
  return problems
}

/** Some providers' issuer does end with a slash; discovery tells where it must not. @spec OIDC Discovery §3 */
function isIssuer(text: string): boolean {
  if (!isSecureUrl(text)) return false
  const { href, origin, pathname } = new URL(text)
  return href === origin + pathname
}
