import { ConfigError, issuerProblems } from '@latchkey/protocol'
import type { AuthConfig } from './auth-config.ts'
import type { ApiWay } from './auth-part.ts'
import { given } from './given.ts'
import { needsPart, partOf } from './parts.ts'

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
  /** Everything that people are asked for at sign-in. */
  readonly allResources: readonly string[]
  /** Null without the part that has `fetch` and the route table. */
  readonly openApi: ReturnType<ApiWay> | null
  readonly renewBeforeExpirySeconds: number
}

/** The scope of a configuration that names none. */
export const usualScope = 'openid profile email'

/** @throws ConfigError with every problem at once. */
export function resolveSettings(config: AuthConfig, href: string): Settings {
  const { origin } = new URL(href)
  const { configId = 'default', issuer, clientId, scope = usualScope, resource, resources = [] } = config
  const allResources = [...(resource === undefined ? [] : [resource]), ...resources]
  const problems = [...problemsOf(config, origin)]
  const openApi = partOf(config, 'api')?.(config, href, problems) ?? null
  if (openApi === null && config.secureRoutes !== undefined) problems.push(needsPart('secureRoutes', 'apiFetch()'))
  if (problems.length > 0) throw new ConfigError(problems)
  return {
    redirectUri: `${origin}/`,
    silentRedirectUri: `${origin}/silent-callback.html`,
    popupRedirectUri: `${origin}/popup-callback.html`,
    postLogoutRedirectUri: `${origin}/`,
    renewBeforeExpirySeconds: 0,
    ...(given(config) as AuthConfig),
    name: `latchkey:${[configId, issuer, clientId, scope, resource ?? ''].map(encodeURIComponent).join(':')}`,
    configId,
    scope,
    allResources,
    openApi,
  }
}

function* problemsOf(config: AuthConfig, origin: string): Generator<string> {
  // Some providers' issuer does end with a slash; discovery tells where it must not.
  for (const problem of issuerProblems(config.issuer)) if (!problem.endsWith('slash at the end')) yield problem
  if (config.clientId === '') yield 'clientId: give the client_id that is registered at the provider'
  if (config.scope !== undefined && !config.scope.split(' ').includes('openid')) {
    yield `scope: add "openid" to "${config.scope}"; without it the provider does not say who signed in`
  }
  for (const member of ['redirectUri', 'silentRedirectUri', 'popupRedirectUri'] as const) {
    const uri = config[member]
    if (uri === undefined) continue
    if (!URL.canParse(uri)) yield `${member}: "${uri}" is no absolute URL; write one such as ${origin}/callback`
    else if (new URL(uri).origin !== origin) yield `${member}: "${uri}" is not on this page's origin, ${origin}`
    else if (uri.includes('#')) yield `${member}: remove the fragment`
  }
  for (const member of ['renewBeforeExpirySeconds', 'maxAgeSeconds'] as const) {
    const seconds = config[member]
    if (seconds !== undefined && !(seconds >= 0)) yield `${member}: write 0 or more seconds, not ${seconds}`
  }
}
