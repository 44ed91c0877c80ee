import { readUrl } from '@latchkey/protocol'
import type { AuthConfig } from '../auth.ts'
import type { AuthPart } from '../auth-part.ts'

/** Parameters of the authorization request, in the wire's names. */
export interface AuthorizationParams {
  readonly redirect_uri?: string
  readonly audience?: string
  readonly scope?: string
  readonly prompt?: 'none' | 'login' | 'consent' | 'select_account'
  readonly login_hint?: string
  readonly acr_values?: string
  readonly max_age?: string | number
  readonly ui_locales?: string
  readonly [parameter: string]: string | number | undefined
}

/** Options in the names of auth0-spa-js, of version 2 and of version 1. */
export interface Auth0ClientOptions {
  /** A host name, or an issuer as a URL: whatever provider it is. */
  readonly domain: string
  readonly clientId?: string
  readonly client_id?: string
  readonly authorizationParams?: AuthorizationParams
  readonly redirect_uri?: string
  readonly audience?: string
  readonly scope?: string
  /** Default `memory`. */
  readonly cacheLocation?: 'memory' | 'localstorage'
  /** Accepted either way: a refresh token is used exactly when the provider issued one. */
  readonly useRefreshTokens?: boolean
  readonly useRefreshTokensFallback?: boolean
  /** Whether tokens are bound to a key. */
  readonly useDpop?: boolean
  /** Which requests of `client.auth.fetch` get a token. */
  readonly secureRoutes?: AuthConfig['secureRoutes']
  readonly parts?: readonly AuthPart[]
}

/** The same in the core's words. */
export function toAuthConfig(options: Auth0ClientOptions, parts: readonly AuthPart[]): AuthConfig {
  const { domain, authorizationParams = {}, secureRoutes } = options
  const {
    redirect_uri = options.redirect_uri,
    audience = options.audience,
    scope = options.scope,
    ...more
  } = authorizationParams
  const extra = Object.fromEntries(Object.entries(more).map(([name, value]) => [name, String(value)]))
  return {
    issuer: /^https?:/.test(domain) ? domain : `https://${domain}`,
    clientId: options.clientId ?? options.client_id ?? '',
    scope: withOpenid(scope ?? 'profile email'),
    extraParameters: extra,
    parts: [...parts, ...(options.parts ?? [])],
    ...(redirect_uri === undefined ? {} : { redirectUri: absolute(redirect_uri) }),
    ...(audience === undefined ? {} : { audience }),
    ...(secureRoutes === undefined ? {} : { secureRoutes }),
  }
}

/** `openid` is always asked for, as there. */
export function withOpenid(scope: string): string {
  return [...new Set(['openid', ...scope.split(' ').filter((value) => value !== '')])].join(' ')
}

/** An origin alone stands for its root. */
function absolute(uri: string): string {
  return readUrl(uri)?.href ?? uri
}
