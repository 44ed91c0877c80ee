import { ConfigError } from '@latchkey/protocol'
import { type CookieJar, cookieJar } from './http/cookies.ts'
import type { CsrfHeader } from './http/csrf.ts'
import { optionProblems, sessionKeyFix, sessionKeysOf } from './option-problems.ts'
import type { BffOptions, TokenKind } from './options.ts'
import { type CheckedClient, type CheckedRoute, readNamedClients, readRoutes } from './proxy/routes.ts'
import type { TokenTarget } from './session/held-tokens.ts'
import { type SessionKey, sessionKeyOf } from './session/session-seal.ts'
import { readSite, type Site } from './site/site.ts'

/** The options, checked and with every default in its place. Seconds. */
export interface Settings {
  readonly origin: string
  readonly basePath: string
  readonly redirectUri: string
  readonly signedOutUri: string
  readonly signedOutPath: string
  readonly scope: string
  /** What a token is for, and whether it is bound to a key, where nothing else is said. */
  readonly target: TokenTarget
  /** Every API that people are asked to let us call. */
  readonly resources: readonly string[]
  readonly sessionKeys: readonly [SessionKey, ...SessionKey[]]
  readonly routes: readonly CheckedRoute[]
  readonly site: Site | undefined
  readonly clients: ReadonlyMap<string, CheckedClient>
  readonly csrf: { readonly header: CsrfHeader; readonly origin: string }
  readonly jar: CookieJar
  /** Whether the APIs are told the address of whoever asks. */
  readonly forwardedFor: boolean
  readonly idleSeconds: number
  readonly absoluteSeconds: number
  readonly loginSeconds: number
  readonly leaseSeconds: number
  readonly requestSeconds: number
  /** Undefined: as the provider's metadata says. */
  readonly graceSeconds: number | undefined
  readonly revokeAtLogout: boolean
  readonly loginParameters: ReadonlySet<string>
  readonly anonymousUser: 'unauthorized' | 'null'
  readonly sessionsPerUser: number | undefined
  readonly development: boolean
}

/** @throws ConfigError with every problem at once, each with its fix. */
export function readSettings(options: BffOptions): Settings {
  const problems = [...optionProblems(options)]
  const routes = readRoutes(options.routes ?? [], {
    basePath: options.basePath ?? '/bff',
    target: defaultTarget(options),
    baseUrl: options.baseUrl,
    csrfHeader: options.csrf?.name ?? 'X-CSRF',
    problems,
  })
  const clients = readNamedClients(options.clients ?? {}, defaultTarget(options), problems)
  const { baseUrl } = options
  const site = readSite(options.site, { baseUrl, csrfHeader: options.csrf?.name ?? 'X-CSRF', problems })
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
    target: defaultTarget(options),
    resources: resourcesOf(options, [...clients.values(), ...routes]),
    sessionKeys: [first, ...older],
    routes,
    site,
    clients,
    csrf: { header: options.csrf ?? { name: 'X-CSRF', value: '1' }, origin },
    forwardedFor: options.forwardedFor !== false,
    jar: cookieJar({
      baseUrl: new URL(options.baseUrl),
      name: options.cookie?.name ?? 'latchkey',
      sameSite: options.cookie?.sameSite ?? 'strict',
    }),
    idleSeconds: options.lifetimes?.idleSeconds ?? 8 * 3600,
    absoluteSeconds: options.lifetimes?.absoluteSeconds ?? 7 * 86_400,
    loginSeconds: options.lifetimes?.loginSeconds ?? 3600,
    leaseSeconds: options.lifetimes?.leaseSeconds ?? 10,
    requestSeconds: options.lifetimes?.requestSeconds ?? 30,
    graceSeconds: options.lifetimes?.graceSeconds,
    revokeAtLogout: options.revokeAtLogout ?? true,
    loginParameters: new Set([...loginParameters, ...(options.loginParameters ?? [])]),
    anonymousUser: options.anonymousUser ?? 'unauthorized',
    sessionsPerUser: options.sessionsPerUser,
    development: options.development === true,
  }
}

function defaultTarget({ resource, dpop }: BffOptions): TokenTarget {
  return { ...(resource === undefined ? {} : { resource }), ...(dpop === true ? { dpop } : {}) }
}

/** @spec OIDC Core §3.1.2.1 */
const loginParameters = ['prompt', 'login_hint', 'acr_values', 'max_age', 'ui_locales']

/** People are asked for the person's audiences only: an application's own token needs nobody's consent. */
function resourcesOf(
  { resource, resources = [] }: BffOptions,
  users: readonly { readonly token: TokenKind; readonly tokenTarget: TokenTarget }[],
): readonly string[] {
  const named = users.filter(({ token }) => token.startsWith('user')).map(({ tokenTarget }) => tokenTarget.resource)
  return [...new Set([resource, ...resources, ...named].filter((name) => name !== undefined))]
}
