import { type AuthConfig, ConfigError, nearestKey } from '@latchkey/browser'
import { idTokenSignatures } from '@latchkey/browser/signatures'
import { silentSignIn } from '@latchkey/browser/silent'
import type { OpenIdConfiguration } from './open-id-configuration.ts'
import { refusedOptions } from './refused-options.ts'

type Option = keyof OpenIdConfiguration
type Check = (value: unknown) => string | null

const text: Check = (value) => (typeof value === 'string' && value.trim() !== '' ? null : 'must be a non-empty string')
const flag: Check = (value) => (typeof value === 'boolean' ? null : 'must be true or false')
const seconds: Check = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? null : 'must be a number of seconds, 0 or more'

const checks: Readonly<Record<Option, Check>> = {
  configId: text,
  authority: text,
  clientId: text,
  redirectUrl: text,
  postLogoutRedirectUri: text,
  scope: (value) =>
    typeof value === 'string' && value.split(' ').includes('openid')
      ? null
      : 'must contain "openid" (OIDC Core §3.1.2.1)',
  responseType: (value) =>
    value === 'code' ? null : 'must be "code": the implicit flow leaks tokens (RFC 9700 §2.1.2)',
  silentRenew: flag,
  silentRenewUrl: text,
  useRefreshToken: flag,
  renewTimeBeforeTokenExpiresInSeconds: seconds,
  secureRoutes: (value) =>
    Array.isArray(value) && value.every((row) => typeof row === 'string') ? null : 'must be a list of URLs and paths',
  customParamsAuthRequest: (value) => (isParameters(value) ? null : 'must map names to strings, numbers or booleans'),
  autoUserInfo: (value) =>
    value === false
      ? null
      : 'must be false: userData holds the claims of the ID token, call the userinfo endpoint yourself for more',
  unauthorizedRoute: text,
  logLevel: (value) => ([0, 1, 2, 3].includes(value as number) ? null : 'must be one of LogLevel'),
}

/**
 * Checks configurations and says them in the browser core's words.
 * @throws ConfigError with every problem of every configuration at once.
 */
export function toAuthConfigs(config: OpenIdConfiguration | readonly OpenIdConfiguration[]): readonly AuthConfig[] {
  const configs: readonly OpenIdConfiguration[] = Array.isArray(config) ? config : [config]
  const named = configs.map((one, index) => ({ ...one, configId: one.configId ?? defaultId(index) }))
  const problems = named.flatMap((one) => problemsOf(one))
  if (named.length === 0) problems.push('config: give at least one configuration')
  const ids = named.map((one) => one.configId)
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) {
    problems.push(`configId: "${id}" is used twice; name each configuration differently`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return named.map(toAuthConfig)
}

function defaultId(index: number): string {
  return index === 0 ? 'default' : String(index)
}

function problemsOf(config: OpenIdConfiguration & { readonly configId: string }): string[] {
  const where = `config "${config.configId}"`
  const missing = (['authority', 'clientId'] as const)
    .filter((option) => config[option] === undefined)
    .map((option) => `${where}: ${option} is missing`)
  const wrong = Object.entries(config).flatMap(([option, value]) => {
    if (value === undefined) return []
    const problem = problemOf(option, value)
    return problem === null ? [] : [`${where}: ${option} ${problem}`]
  })
  return [...missing, ...wrong]
}

function problemOf(option: string, value: unknown): string | null {
  if (Object.hasOwn(checks, option)) return checks[option as Option](value)
  if (Object.hasOwn(refusedOptions, option)) return `is not supported: ${refusedOptions[option]}`
  const nearest = nearestKey(option, Object.keys(checks))
  return `is unknown${nearest === undefined ? '; remove it' : `; did you mean ${nearest}?`}`
}

function toAuthConfig(config: OpenIdConfiguration & { readonly configId: string }): AuthConfig {
  const { resource, ...extra } = Object.fromEntries(
    Object.entries(config.customParamsAuthRequest ?? {}).map(([name, value]) => [name, String(value)]),
  )
  return {
    configId: config.configId,
    issuer: config.authority,
    clientId: config.clientId,
    renewBeforeExpirySeconds: config.silentRenew === true ? (config.renewTimeBeforeTokenExpiresInSeconds ?? 30) : 0,
    extraParameters: extra,
    parts: [silentSignIn(), idTokenSignatures()],
    ...given('redirectUri', config.redirectUrl),
    ...given('postLogoutRedirectUri', config.postLogoutRedirectUri),
    ...given('silentRedirectUri', config.silentRenewUrl),
    ...given('scope', config.scope),
    ...given('resource', resource),
    ...given('secureRoutes', config.secureRoutes),
  }
}

function given<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V })
}

function isParameters(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((one) => ['string', 'number', 'boolean'].includes(typeof one))
  )
}
