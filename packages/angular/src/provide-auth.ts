import {
  APP_INITIALIZER,
  type EnvironmentProviders,
  inject,
  makeEnvironmentProviders,
  type Provider,
} from '@angular/core'
import { firstValueFrom } from 'rxjs'
import { AUTH_CONFIGS, type LatchkeyConfigSource } from './auth-clients.ts'
import { toAuthConfigs } from './auth-config.ts'
import { StsConfigLoader } from './config-loader.ts'
import { EVENT_LOG } from './event-log.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'
import { type AuthFeature, awaitConfigurations } from './provide-latchkey.ts'
import { AbstractSecurityStorage, keepInStorage } from './security-storage.ts'

export interface PassedInitialConfig {
  readonly config?: OpenIdConfiguration | readonly OpenIdConfiguration[]
  /** In place of `config`: how to make the `StsConfigLoader` that brings the configurations. */
  readonly loader?: Provider
}

/**
 * Configures Latchkey for the application.
 * @throws ConfigError with every problem of every configuration at once.
 */
export function provideAuth(passed: PassedInitialConfig, ...features: readonly AuthFeature[]): EnvironmentProviders {
  return makeEnvironmentProviders([...authProviders(passed), ...features.flatMap((feature) => feature.providers)])
}

export function authProviders({ config, loader }: PassedInitialConfig): Provider[] {
  if (loader === undefined || config !== undefined) toAuthConfigs(config ?? [])
  const parts = () => {
    const storage = inject(AbstractSecurityStorage, { optional: true })
    return storage === null ? [] : [keepInStorage(storage)]
  }
  const source = (): LatchkeyConfigSource => {
    const more = parts()
    if (config !== undefined) return toAuthConfigs(config, more)
    const configs = inject(StsConfigLoader)
    return async () => toAuthConfigs(await firstValueFrom(configs.loadConfigs()), more)
  }
  return [
    ...(loader === undefined ? [] : [loader]),
    { provide: AUTH_CONFIGS, useFactory: source },
    awaitConfigurations,
    { provide: APP_INITIALIZER, multi: true, useFactory: () => () => undefined, deps: [EVENT_LOG] },
  ]
}
