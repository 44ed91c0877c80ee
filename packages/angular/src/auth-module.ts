import { type ModuleWithProviders, ɵɵdefineInjector, ɵɵdefineNgModule, type ɵɵNgModuleDeclaration } from '@angular/core'
import { authProviders, type PassedInitialConfig } from './provide-auth.ts'

/** For applications built from NgModules; `provideAuth` is the same for standalone ones. */
export class AuthModule {
  static readonly ɵmod: ɵɵNgModuleDeclaration<AuthModule, never, never, never> = ɵɵdefineNgModule({ type: AuthModule })
  static readonly ɵinj: unknown = ɵɵdefineInjector({})

  /** @throws ConfigError with every problem of every configuration at once. */
  static forRoot(passed: PassedInitialConfig): ModuleWithProviders<AuthModule> {
    return { ngModule: AuthModule, providers: authProviders(passed) }
  }
}
