import { DestroyRef, InjectionToken, inject } from '@angular/core'
import { type Auth, type AuthConfig, ConfigError, createAuth } from '@latchkey/browser'
import { toAuthConfigs } from './auth-config.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'

/** One signed-in-or-not person for each configuration, in the order of the configurations. */
export interface AuthClients {
  readonly all: readonly Auth[]
  /** The client of `configId`, or the first one. Throws when no configuration has that name. */
  get(configId?: string): Auth
  /** The client whose secure routes cover `url`; the first one wins. */
  forUrl(url: string): Auth | undefined
}

/** What `provideAuth` was given. */
export const OPEN_ID_CONFIGURATIONS = new InjectionToken<readonly OpenIdConfiguration[]>('Latchkey configurations')

/** Makes the browser core's `Auth`; replace it to run on another platform. */
export const AUTH_FACTORY = new InjectionToken<(config: AuthConfig) => Auth>('Latchkey Auth factory', {
  providedIn: 'root',
  factory: () => (config) => createAuth(config),
})

export const AUTH_CLIENTS = new InjectionToken<AuthClients>('Latchkey clients', {
  providedIn: 'root',
  factory: () => {
    const configurations = inject(OPEN_ID_CONFIGURATIONS, { optional: true })
    if (configurations === null) {
      throw new ConfigError(['provideAuth({ config }) is missing from the providers of the application'])
    }
    const clients = createAuthClients(configurations, inject(AUTH_FACTORY))
    inject(DestroyRef).onDestroy(() => {
      for (const auth of clients.all) auth.dispose()
    })
    return clients
  },
})

function createAuthClients(
  configurations: readonly OpenIdConfiguration[],
  create: (config: AuthConfig) => Auth,
): AuthClients {
  const all = toAuthConfigs(configurations).map(create)
  return {
    all,
    get(configId) {
      const auth = configId === undefined ? all[0] : all.find((one) => one.config.configId === configId)
      if (auth !== undefined) return auth
      const names = all.map((one) => `"${one.config.configId}"`).join(', ')
      throw new ConfigError([`configId: "${configId}" is not configured; configured are ${names}`])
    },
    forUrl: (url) => all.find((auth) => auth.isSecureRoute(url)),
  }
}
