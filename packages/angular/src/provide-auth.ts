import {
  APP_INITIALIZER,
  type EnvironmentProviders,
  inject,
  makeEnvironmentProviders,
  type Provider,
} from '@angular/core'
import { AUTH_CLIENTS, OPEN_ID_CONFIGURATIONS } from './auth-clients.ts'
import { toAuthConfigs } from './auth-config.ts'
import { checkAuth } from './check-auth.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'

export interface PassedInitialConfig {
  readonly config: OpenIdConfiguration | readonly OpenIdConfiguration[]
}

export interface AuthFeature {
  readonly providers: readonly Provider[]
}

/**
 * Configures Latchkey for the application.
 * @throws ConfigError with every problem of every configuration at once.
 */
export function provideAuth(passed: PassedInitialConfig, ...features: readonly AuthFeature[]): EnvironmentProviders {
  return makeEnvironmentProviders([...authProviders(passed), ...features.flatMap((feature) => feature.providers)])
}

/** Finds out who is there before the application starts, so that the router begins at the place returned to. */
export function withAppInitializerAuthCheck(): AuthFeature {
  return {
    providers: [
      {
        provide: APP_INITIALIZER,
        multi: true,
        useFactory: () => {
          const { all } = inject(AUTH_CLIENTS)
          return () => Promise.all(all.map((auth) => checkAuth(auth)))
        },
      },
    ],
  }
}

export function authProviders({ config }: PassedInitialConfig): Provider[] {
  toAuthConfigs(config)
  const configurations: readonly OpenIdConfiguration[] = Array.isArray(config) ? config : [config]
  return [{ provide: OPEN_ID_CONFIGURATIONS, useValue: configurations }]
}
