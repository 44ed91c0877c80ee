import { ConfigError, issuerProblems, nearestKey, parseScope, type SecureRoute } from '@latchkey/protocol'
import { type CookieJar, cookieJar } from './http/cookies.ts'
import type { CsrfHeader } from './http/csrf.ts'
import type { BffOptions } from './options.ts'
import { type CheckedRoute, readNamedClients, readRoutes } from './proxy/routes.ts'
import { type SessionKey, sessionKeyOf } from './session/session-seal.ts'

/** The options, checked and with every default in its place. Seconds. */
export interface Settings {
  readonly origin: string
  readonly basePath: string
  readonly redirectUri: string
  readonly signedOutUri: string
  readonly signedOutPath: string
  readonly scope: string
  readonly resource: string | undefined
  readonly sessionKeys: readonly [SessionKey, ...SessionKey[]]
  readonly routes: readonly CheckedRoute[]
  readonly clients: ReadonlyMap<string, readonly SecureRoute[]>
  readonly csrf: { readonly header: CsrfHeader; readonly origin: string }
  readonly jar: CookieJar
  readonly idleSeconds: number
  readonly absoluteSeconds: number
  readonly loginSeconds: number
  readonly revokeAtLogout: boolean
}

const knownOptions: readonly (keyof BffOptions)[] = [
  'issuer',
  'clientId',
  'clientSecret',
  'baseUrl',
  'basePath',
  'scope',
  'resource',
  'store',
  'sessionKey',
  'clients',
  'routes',
  'csrf',
  'insecureHttp',
  'cookie',
  'lifetimes',
  'revokeAtLogout',
  'signedOutPath',
  'runtime',
  'onEvent',
]
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const plainPath = /^(\/(?!\.)[A-Za-z0-9._~-]+)+$/

/** @throws ConfigError with every problem at once, each with its fix. */
export function readSettings(options: BffOptions): Settings {
  const problems = [...optionProblems(options)]
  const routes = readRoutes(options.routes ?? [], options.basePath ?? '/bff', problems)
  const clients = readNamedClients(options.clients ?? {}, options.resource, problems)
  if (problems.length > 0) throw new ConfigError(problems)
  const { origin } = new URL(options.baseUrl)
  const basePath = options.basePath ?? '/bff'
  const signedOutPath = options.signedOutPath ?? '/'
  const [first, ...older] = sessionKeysOf(options).map(sessionKeyOf)
  if (first === undefined) throw new ConfigError([sessionKeyFix])
  return {
    origin,
    basePath,
    redirectUri: `${origin}${basePath}/callback`,
    signedOutUri: origin + signedOutPath,
    signedOutPath,
    scope: options.scope ?? 'openid profile email offline_access',
    resource: options.resource,
    sessionKeys: [first, ...older],
    routes,
    clients,
    csrf: { header: options.csrf ?? { name: 'X-CSRF', value: '1' }, origin },
    jar: cookieJar({
      baseUrl: new URL(options.baseUrl),
      name: options.cookie?.name ?? 'latchkey',
      sameSite: options.cookie?.sameSite ?? 'lax',
    }),
    idleSeconds: options.lifetimes?.idleSeconds ?? 8 * 3600,
    absoluteSeconds: options.lifetimes?.absoluteSeconds ?? 7 * 86_400,
    loginSeconds: options.lifetimes?.loginSeconds ?? 3600,
    revokeAtLogout: options.revokeAtLogout ?? true,
  }
}

const sessionKeyFix =
  'sessionKey: give 32 random bytes, such as Buffer.from(process.env.SESSION_KEY, "base64url"); make them once with `openssl rand 32 | basenc --base64url`'

function sessionKeysOf({ sessionKey }: BffOptions): readonly Uint8Array[] {
  if (sessionKey === undefined) return []
  return sessionKey instanceof Uint8Array ? [sessionKey] : sessionKey
}

function* optionProblems(options: BffOptions): Generator<string> {
  for (const name of Object.keys(options)) {
    if (knownOptions.some((known) => known === name)) continue
    const nearest = nearestKey(name, knownOptions)
    yield `${name}: is no option${nearest === undefined ? '' : `; did you mean ${nearest}?`}`
  }
  if (typeof options.issuer !== 'string') yield 'issuer: name the provider, such as https://id.example.com'
  else yield* issuerProblems(options.issuer)
  if (!options.clientId) yield 'clientId: give the client_id registered at the provider'
  if (!options.clientSecret) yield 'clientSecret: give the client secret; a BFF is a confidential client'
  if (options.store === undefined) yield 'store: give a SessionStore, such as createSqliteSessionStore(db)'
  yield* baseUrlProblems(options)
  yield* sessionKeyProblems(options)
  yield* pathProblems(options)
  if (!readableScope(options.scope ?? 'openid')) yield 'scope: must be a space-separated list that contains openid'
  if (options.resource !== undefined && !URL.canParse(options.resource)) yield 'resource: must be an absolute URI'
  if (options.csrf !== undefined && !token.test(options.csrf.name)) yield 'csrf.name: is no header name'
  if (options.cookie?.name !== undefined && !token.test(options.cookie.name)) yield 'cookie.name: is no cookie name'
  for (const [name, seconds] of Object.entries(options.lifetimes ?? {})) {
    if (!(Number.isFinite(seconds) && seconds > 0)) yield `lifetimes.${name}: must be a number of seconds above 0`
  }
}

function* baseUrlProblems({ baseUrl, insecureHttp }: BffOptions): Generator<string> {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    return yield `baseUrl: "${baseUrl}" is no http(s) URL; write the origin that browsers see, such as https://app.example.com`
  }
  if (url.href !== `${url.origin}/`) yield `baseUrl: write the origin alone: ${url.origin}`
  if (url.protocol === 'http:' && insecureHttp !== true) {
    yield 'baseUrl: use https, or say insecureHttp: true for development; over http anyone on the way can take the session'
  }
}

function* sessionKeyProblems(options: BffOptions): Generator<string> {
  const keys = sessionKeysOf(options)
  if (keys.length === 0) return yield sessionKeyFix
  for (const key of keys) {
    if (!(key instanceof Uint8Array) || key.length !== 32) {
      return yield `${sessionKeyFix} (this one has ${key instanceof Uint8Array ? `${key.length} bytes` : 'no bytes'})`
    }
    if (new Set(key).size < 8) return yield `${sessionKeyFix} (this one is not random)`
  }
}

function* pathProblems({ basePath, signedOutPath }: BffOptions): Generator<string> {
  if (basePath !== undefined && !plainPath.test(basePath)) {
    yield `basePath: "${basePath}" must be a plain path such as "/bff", without a slash at the end`
  }
  if (signedOutPath !== undefined && signedOutPath !== '/' && !plainPath.test(signedOutPath)) {
    yield `signedOutPath: "${signedOutPath}" must be a plain path such as "/goodbye"`
  }
}

function readableScope(scope: string): boolean {
  try {
    return parseScope(scope).includes('openid')
  } catch {
    return false
  }
}
