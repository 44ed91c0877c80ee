import { issuerProblems, nearestKey, parseScope } from '@latchkey/protocol'
import type { BffOptions } from './options.ts'

const knownOptions: readonly (keyof BffOptions)[] = [
  'issuer',
  'clientId',
  'clientSecret',
  'authentication',
  'baseUrl',
  'basePath',
  'scope',
  'resource',
  'resources',
  'dpop',
  'store',
  'sessionKey',
  'forwardedFor',
  'clients',
  'routes',
  'site',
  'csrf',
  'insecureHttp',
  'cookie',
  'lifetimes',
  'revokeAtLogout',
  'loginParameters',
  'anonymousUser',
  'sessionsPerUser',
  'development',
  'signedOutPath',
  'runtime',
  'onEvent',
]
/** What a link must never decide about a sign-in. */
const ownParameters = [
  'client_id',
  'response_type',
  'response_mode',
  'redirect_uri',
  'scope',
  'resource',
  'state',
  'nonce',
  'request',
  'request_uri',
  'code_challenge',
  'code_challenge_method',
  'dpop_jkt',
]
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const plainPath = /^(\/(?!\.)[A-Za-z0-9._~-]+)+$/

export const sessionKeyFix =
  'sessionKey: give 32 random bytes, such as Buffer.from(process.env.SESSION_KEY, "base64url"); make them once with `openssl rand 32 | basenc --base64url`'

export function sessionKeysOf({ sessionKey }: BffOptions): readonly Uint8Array[] {
  if (sessionKey === undefined) return []
  return sessionKey instanceof Uint8Array ? [sessionKey] : sessionKey
}

/** What is wrong with the options, each with its fix. */
export function* optionProblems(options: BffOptions): Generator<string> {
  for (const name of Object.keys(options)) {
    if (knownOptions.some((known) => known === name)) continue
    const nearest = nearestKey(name, knownOptions)
    yield `${name}: is no option${nearest === undefined ? '' : `; did you mean ${nearest}?`}`
  }
  if (typeof options.issuer !== 'string') yield 'issuer: name the provider, such as https://id.example.com'
  else yield* issuerProblems(options.issuer)
  if (!options.clientId) yield 'clientId: give the client_id registered at the provider'
  if (!options.clientSecret && options.authentication === undefined) {
    yield 'clientSecret: give the client secret, or authentication; a BFF is a confidential client'
  }
  if (options.clientSecret && options.authentication !== undefined) {
    yield 'authentication: the client has a clientSecret too; a client proves itself in one way'
  }
  if (options.store === undefined) yield 'store: give a SessionStore, such as createSqliteSessionStore(db)'
  yield* baseUrlProblems(options)
  yield* sessionKeyProblems(options)
  yield* pathProblems(options)
  if (!readableScope(options.scope ?? 'openid')) yield 'scope: must be a space-separated list that contains openid'
  if (options.resource !== undefined && !URL.canParse(options.resource)) yield 'resource: must be an absolute URI'
  if (options.dpop !== undefined && options.dpop !== true) yield 'dpop: say true, or leave it out'
  if (options.forwardedFor !== undefined && options.forwardedFor !== false)
    yield 'forwardedFor: say false, or leave it out'
  for (const name of options.resources ?? []) {
    if (!URL.canParse(name)) yield `resources: "${name}" must be an absolute URI`
  }
  const most = options.sessionsPerUser
  if (most !== undefined && !(Number.isInteger(most) && most >= 1))
    yield 'sessionsPerUser: must be a whole number from 1'
  for (const name of options.loginParameters ?? []) {
    if (ownParameters.includes(name)) yield `loginParameters: "${name}" is ours to set; leave it out`
  }
  if (options.csrf !== undefined && !token.test(options.csrf.name)) yield 'csrf.name: is no header name'
  if (options.cookie?.name !== undefined && !token.test(options.cookie.name)) yield 'cookie.name: is no cookie name'
  for (const [name, seconds] of Object.entries(options.lifetimes ?? {})) {
    if (name === 'graceSeconds' && seconds === 0) continue
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
