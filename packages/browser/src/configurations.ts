import { ConfigError, ProtocolError } from '@latchkey/protocol'
import type { Auth, AuthConfig, AuthConfigSource, AuthFetchInit } from './auth.ts'
import type { AuthState } from './auth-state.ts'
import { createAuthWithFetch } from './create-auth-with-fetch.ts'
import { everyBrowserPlatform } from './platform/every-browser-platform.ts'
import type { Platform } from './platform/platform.ts'

/** Several providers or clients on one page, in the order of their configurations. */
export interface AuthSet {
  readonly all: readonly Auth[]
  /** That of `configId`, or the first one. @throws ConfigError when none has that name. */
  get(configId?: string): Auth
  /** The one whose route table has the most specific row for this request; of equals the first. */
  forUrl(url: string, method?: string): Auth | undefined
  /** `fetch` with the token of whichever configuration the address belongs to. */
  fetch(input: string | URL | Request, init?: AuthFetchInit): Promise<Response>
  /** `start()` of all; one that fails does not keep the others from knowing. */
  start(): Promise<readonly AuthState[]>
  dispose(): void
}

/** @throws ConfigError when there is none, two share a `configId`, or one has problems: all of them at once. */
export function createAuthSet(configs: readonly AuthConfig[], platform: Platform = everyBrowserPlatform()): AuthSet {
  const named = configs.map((config, index) => ({ configId: index === 0 ? 'default' : String(index), ...config }))
  const problems = named.length === 0 ? ['give at least one configuration'] : []
  for (const [index, { configId }] of named.entries()) {
    if (named.findIndex((other) => other.configId === configId) < index)
      problems.push(`configId: "${configId}" is used twice`)
  }
  const all: Auth[] = []
  for (const config of named) {
    try {
      all.push(createAuthWithFetch(config, platform))
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems.map((problem) => `"${config.configId}": ${problem}`))
    }
  }
  if (problems.length > 0) {
    for (const auth of all) auth.dispose()
    throw new ConfigError(problems)
  }
  return joined(all, platform)
}

function joined(all: readonly Auth[], platform: Platform): AuthSet {
  const set: AuthSet = {
    all,
    get(configId) {
      const found = configId === undefined ? all[0] : all.find(({ config }) => config.configId === configId)
      if (found !== undefined) return found
      const names = all.map(({ config }) => `"${config.configId}"`).join(', ')
      throw new ConfigError([`configId: "${configId}" is not configured; configured are ${names}`])
    },
    forUrl(url, method) {
      const depth = (auth: Auth) => auth.routeFor(url, method)?.depth ?? -1
      const deepest = Math.max(...all.map(depth))
      return deepest < 0 ? undefined : all.find((auth) => depth(auth) === deepest)
    },
    fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input)
      const method = init?.method ?? (input instanceof Request ? input.method : 'GET')
      return (set.forUrl(url, method) ?? set.get()).fetch(input, init)
    },
    async start() {
      if (!platform.interactive) return all.map(({ state }) => state)
      const ended = await Promise.allSettled(all.map((auth) => auth.start()))
      const failed = ended.find((one) => one.status === 'rejected')
      if (failed !== undefined) throw failed.reason
      return all.map(({ state }) => state)
    },
    dispose() {
      for (const auth of all) auth.dispose()
    },
  }
  return set
}

/**
 * The same from wherever the configurations come: given, made, or fetched as JSON.
 * @throws ProtocolError `unreachable` (retryable) when they cannot be fetched.
 */
export async function loadAuthSet(
  source: AuthConfigSource,
  platform: Platform = everyBrowserPlatform(),
): Promise<AuthSet> {
  const loaded = await load(source, platform)
  return createAuthSet([loaded].flat() as readonly AuthConfig[], platform)
}

async function load(source: AuthConfigSource, platform: Platform): Promise<AuthConfig | readonly AuthConfig[]> {
  if (typeof source === 'function') return source()
  if (!('url' in source)) return source
  const { url, toConfig = (answer: unknown) => answer as AuthConfig } = source
  try {
    const response = await platform.runtime.fetch(url, { headers: { accept: 'application/json' }, cache: 'no-cache' })
    if (!response.ok) throw new Error(`${url} answered ${response.status}`)
    return toConfig(await response.json())
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'no answer'
    throw new ProtocolError('unreachable', `the configuration could not be had: ${why}`, { retryable: true, cause })
  }
}
