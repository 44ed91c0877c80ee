import { type AuthPart, ConfigError, nearestKey } from '@latchkey/browser'
import { pushedAuthorization } from '@latchkey/browser/par'
import { sessionMonitor } from '@latchkey/browser/session-monitor'
import { idTokenSignatures } from '@latchkey/browser/signatures'
import { silentSignIn } from '@latchkey/browser/silent'
import type { AngularAuthConfig } from './auth-clients.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'
import { metadataAccess } from './provider-metadata.ts'
import { optionsWithoutEffect, refusedOptions } from './refused-options.ts'

type Option = keyof OpenIdConfiguration
type Check = (value: unknown) => string | null

/** A configuration of the core that remembers the names it was given by. */
export interface SurfaceConfig extends AngularAuthConfig {
  readonly surface: OpenIdConfiguration
}

const text: Check = (value) => (typeof value === 'string' && value.trim() !== '' ? null : 'must be a non-empty string')
const flag: Check = (value) => (typeof value === 'boolean' ? null : 'must be true or false')
const seconds: Check = (value) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? null : 'must be a number of seconds, 0 or more'
const list: Check = (value) => (Array.isArray(value) ? null : 'must be a list')
const parameters: Check = (value) => (isParameters(value) ? null : 'must map names to strings, numbers or booleans')

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
  popupRedirectUrl: text,
  useRefreshToken: flag,
  renewTimeBeforeTokenExpiresInSeconds: seconds,
  secureRoutes: list,
  customParamsAuthRequest: parameters,
  customParamsEndSessionRequest: parameters,
  hdParam: text,
  usePushedAuthorisationRequests: flag,
  startCheckSession: flag,
  autoUserInfo: flag,
  renewUserInfoAfterTokenRenew: flag,
  postLoginRoute: text,
  triggerAuthorizationResultEvent: flag,
  unauthorizedRoute: text,
  forbiddenRoute: text,
  logLevel: (value) => ([0, 1, 2, 3].includes(value as number) ? null : 'must be one of LogLevel'),
  parts: list,
}

/**
 * Checks configurations and says them in the browser core's words. `more` joins the parts of each.
 * @throws ConfigError with every problem of every configuration at once.
 */
export function toAuthConfigs(
  config: OpenIdConfiguration | readonly OpenIdConfiguration[],
  more: readonly AuthPart[] = [],
): readonly SurfaceConfig[] {
  const configs: readonly OpenIdConfiguration[] = Array.isArray(config) ? config : [config]
  const named = configs.map((one, index) => ({ ...one, configId: one.configId ?? defaultId(index) }))
  const problems = named.flatMap((one) => problemsOf(one))
  if (named.length === 0) problems.push('config: give at least one configuration')
  const ids = named.map((one) => one.configId)
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) {
    problems.push(`configId: "${id}" is used twice; name each configuration differently`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return named.map((one) => toAuthConfig(one, more))
}

/** What was written that changes nothing, with why. */
export function ignoredOptions(config: OpenIdConfiguration): readonly string[] {
  return Object.keys(config)
    .filter((option) => Object.hasOwn(optionsWithoutEffect, option))
    .map((option) => `${option} has no effect: ${optionsWithoutEffect[option]}`)
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
  if (Object.hasOwn(optionsWithoutEffect, option)) return null
  // Said to be off, a switch that turns a check off does no harm.
  if (Object.hasOwn(refusedOptions, option))
    return value === false ? null : `is not supported: ${refusedOptions[option]}`
  const nearest = nearestKey(option, Object.keys(checks))
  return `is unknown${nearest === undefined ? '; remove it' : `; did you mean ${nearest}?`}`
}

function toAuthConfig(
  config: OpenIdConfiguration & { readonly configId: string },
  more: readonly AuthPart[],
): SurfaceConfig {
  const { resource, ...extra } = asTexts(config.customParamsAuthRequest)
  return {
    surface: config,
    configId: config.configId,
    issuer: config.authority,
    clientId: config.clientId,
    renewBeforeExpirySeconds: config.silentRenew === true ? (config.renewTimeBeforeTokenExpiresInSeconds ?? 30) : 0,
    extraParameters: { ...extra, ...given('hd', config.hdParam) },
    parts: [...partsOf(config), ...more],
    ...given('redirectUri', config.redirectUrl),
    ...given('postLogoutRedirectUri', config.postLogoutRedirectUri),
    ...given('silentRedirectUri', config.silentRenewUrl),
    ...given('popupRedirectUri', config.popupRedirectUrl),
    ...given('scope', config.scope),
    ...given('resource', resource),
    ...given('secureRoutes', config.secureRoutes),
    ...given('unauthorizedRoute', config.unauthorizedRoute),
    ...given('forbiddenRoute', config.forbiddenRoute),
  }
}

function partsOf(config: OpenIdConfiguration): readonly AuthPart[] {
  return [
    silentSignIn(),
    idTokenSignatures(),
    metadataAccess,
    ...(config.usePushedAuthorisationRequests === true ? [pushedAuthorization()] : []),
    ...(config.startCheckSession === true ? [sessionMonitor()] : []),
    ...(config.parts ?? []),
  ]
}

/** Values as a query carries them. */
export function asTexts(values: Readonly<Record<string, string | number | boolean>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]))
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
