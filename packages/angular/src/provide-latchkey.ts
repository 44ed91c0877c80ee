import {
  APP_INITIALIZER,
  type EnvironmentProviders,
  inject,
  makeEnvironmentProviders,
  type Provider,
} from '@angular/core'
import { AUTH_CLIENTS, AUTH_CONFIGS, type LatchkeyConfig } from './auth-clients.ts'

export interface AuthFeature {
  readonly providers: readonly Provider[]
}

/**
 * Configures Latchkey in the browser core's own words: one configuration, several, or a function that loads them.
 * Add `idTokenSignatures()` and whatever else is wanted to `parts`.
 */
export function provideLatchkey(
  config: LatchkeyConfig | readonly LatchkeyConfig[] | (() => Promise<LatchkeyConfig | readonly LatchkeyConfig[]>),
  ...features: readonly AuthFeature[]
): EnvironmentProviders {
  const list = (given: LatchkeyConfig | readonly LatchkeyConfig[]) => [given].flat() as readonly LatchkeyConfig[]
  const source = typeof config === 'function' ? () => config().then(list) : list(config)
  return makeEnvironmentProviders([
    { provide: AUTH_CONFIGS, useValue: source },
    awaitConfigurations,
    ...features.flatMap((feature) => feature.providers),
  ])
}

/** Angular starts when the configurations are there, or cannot be had: then whoever asks is told. */
export const awaitConfigurations: Provider = {
  provide: APP_INITIALIZER,
  multi: true,
  useFactory: () => {
    const { ready } = inject(AUTH_CLIENTS)
    return () => ready.then(noop, noop)
  },
}

function noop(): void {}

/** Finds out who is there before the application starts, so that the router begins at the place returned to. */
export function withAppInitializerAuthCheck(): AuthFeature {
  return {
    providers: [
      {
        provide: APP_INITIALIZER,
        multi: true,
        useFactory: () => {
          const { ready } = inject(AUTH_CLIENTS)
          // A failure is told by whoever asks next; the application starts all the same.
          return () => ready.then((all) => Promise.allSettled(all.map((auth) => auth.start())), noop)
        },
      },
    ],
  }
}
