import { DestroyRef, InjectionToken, inject } from '@angular/core'
import {
  type Auth,
  type AuthConfig,
  type BffAuthConfig,
  browserPlatform,
  ConfigError,
  type Platform,
} from '@latchkey/browser'
import { type AuthSet, createAuthSet } from '@latchkey/browser/configurations'

/** A configuration of the browser core, with what only Angular asks. */
export interface AngularAuthConfig extends AuthConfig {
  /** Where guards send people whose sign-in failed; default `/`. */
  readonly unauthorizedRoute?: string
  /** Where guards send people who are signed in and may not go on; default that of `unauthorizedRoute`. */
  readonly forbiddenRoute?: string
}

export type LatchkeyConfig = AngularAuthConfig | (BffAuthConfig & Omit<AngularAuthConfig, keyof AuthConfig>)

/** Given, or still to be loaded. */
export type LatchkeyConfigSource = readonly LatchkeyConfig[] | (() => Promise<readonly LatchkeyConfig[]>)

/** One signed-in-or-not person for each configuration, in the order of the configurations. */
export interface AuthClients {
  /** Empty until the configurations are there. */
  readonly all: readonly Auth[]
  /** Resolves when the configurations are there; rejects with the reason they cannot be had. */
  readonly ready: Promise<readonly Auth[]>
  /** The client of `configId`, or the first one. @throws ConfigError when none has that name, or all are still loaded. */
  get(configId?: string): Auth
  /** The client with the most specific route for this request; none before the configurations are there. */
  forUrl(url: string, method?: string): Auth | undefined
}

export const AUTH_CONFIGS = new InjectionToken<LatchkeyConfigSource>('Latchkey configurations')

/** What the browser core runs on; replace it to run elsewhere. */
export const AUTH_PLATFORM = new InjectionToken<Platform>('Latchkey platform', {
  providedIn: 'root',
  factory: () => browserPlatform(),
})

export const AUTH_CLIENTS = new InjectionToken<AuthClients>('Latchkey clients', {
  providedIn: 'root',
  factory: () => {
    const source = inject(AUTH_CONFIGS, { optional: true })
    if (source === null) {
      throw new ConfigError(['provideAuth({ config }) is missing from the providers of the application'])
    }
    const clients = createAuthClients(source, inject(AUTH_PLATFORM))
    inject(DestroyRef).onDestroy(() => {
      for (const auth of clients.all) auth.dispose()
    })
    return clients
  },
})

function createAuthClients(source: LatchkeyConfigSource, platform: Platform): AuthClients {
  let set: AuthSet | undefined
  const open = (configs: readonly LatchkeyConfig[]) => {
    set = createAuthSet(configs as readonly AuthConfig[], platform)
    return set.all
  }
  const ready = typeof source === 'function' ? source().then(open) : Promise.resolve(open(source))
  // Whoever asks hears of a failure; nobody asking is no reason to end the application.
  ready.catch(() => undefined)
  return {
    ready,
    get all() {
      return set?.all ?? []
    },
    get(configId) {
      if (set !== undefined) return set.get(configId)
      throw new ConfigError(['the configurations are still being loaded: use withAppInitializerAuthCheck()'])
    },
    forUrl: (url, method) => set?.forUrl(url, method),
  }
}
