import {
  inject,
  type ModuleWithProviders,
  ɵɵdefineInjector,
  ɵɵdefineNgModule,
  type ɵɵNgModuleDeclaration,
} from '@angular/core'
import { ConfigError } from '@latchkey/browser'
import { AUTH_CONFIGS } from './auth-clients.ts'
import { authProviders, type PassedInitialConfig } from './provide-auth.ts'

/** For applications built from NgModules; `provideAuth` is the same for standalone ones. */
export class AuthModule {
  static readonly ɵmod: ɵɵNgModuleDeclaration<AuthModule, never, never, never> = ɵɵdefineNgModule({ type: AuthModule })
  static readonly ɵinj: unknown = ɵɵdefineInjector({})

  constructor() {
    if (inject(AUTH_CONFIGS, { optional: true }) !== null) return
    throw new ConfigError(['AuthModule: import AuthModule.forRoot({ config }) instead of AuthModule'])
  }

  /** @throws ConfigError with every problem of every configuration at once. */
  static forRoot(passed: PassedInitialConfig): ModuleWithProviders<AuthModule> {
    return { ngModule: AuthModule, providers: authProviders(passed) }
  }
}
