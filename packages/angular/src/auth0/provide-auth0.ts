import {
  type EnvironmentProviders,
  InjectionToken,
  inject,
  makeEnvironmentProviders,
  type Provider,
} from '@angular/core'
import { type Auth0ClientOptions, toAuthConfig, usualParts } from '@latchkey/browser/auth0'
import { AUTH_CONFIGS, AUTH_PLATFORM } from '../auth-clients.ts'
import { awaitConfigurations } from '../provide-latchkey.ts'
import { type AllowedList, type AllowedRequest, readAllowedList } from './allowed-list.ts'

/** What `provideAuth0` is given, in the names that Angular developers know. */
export interface Auth0AngularOptions extends Auth0ClientOptions {
  readonly httpInterceptor?: { readonly allowedList: readonly (string | AllowedRequest)[] }
  /** Where people are sent whose sign-in failed. */
  readonly errorPath?: string
}

export const AUTH0_OPTIONS = new InjectionToken<Auth0AngularOptions>('Latchkey auth0 options')

export const ALLOWED_LIST = new InjectionToken<AllowedList>('Latchkey allowed list', {
  providedIn: 'root',
  factory: () => {
    const { httpInterceptor } = inject(AUTH0_OPTIONS)
    return readAllowedList(httpInterceptor?.allowedList ?? [], inject(AUTH_PLATFORM).page.href())
  },
})

/** Configures Latchkey for any issuer in auth0-angular's words. */
export function provideAuth0(options: Auth0AngularOptions): EnvironmentProviders {
  const providers: Provider[] = [
    { provide: AUTH0_OPTIONS, useValue: options },
    {
      provide: AUTH_CONFIGS,
      useFactory: () => {
        const { routes } = inject(ALLOWED_LIST)
        const { errorPath } = options
        const config = { ...toAuthConfig(options, usualParts(options)), secureRoutes: routes }
        return [errorPath === undefined ? config : { ...config, unauthorizedRoute: errorPath }]
      },
    },
    awaitConfigurations,
  ]
  return makeEnvironmentProviders(providers)
}
