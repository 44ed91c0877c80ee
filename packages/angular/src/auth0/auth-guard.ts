import { EnvironmentInjector, inject, runInInjectionContext, ɵɵdefineInjectable } from '@angular/core'
import type { ActivatedRouteSnapshot, CanActivateFn, RouterStateSnapshot } from '@angular/router'
import { authGuard } from '../auth.guard.ts'

/** Sends strangers to sign in and brings them back to the very target. */
export const authGuardFn: CanActivateFn = (route, state) => authGuard(route, state)

/** The same as a class, for `canActivate: [AuthGuard]`. */
export class AuthGuard {
  static readonly ɵprov: unknown = ɵɵdefineInjectable({
    token: AuthGuard,
    providedIn: 'root',
    factory: () => new AuthGuard(),
  })

  readonly #injector = inject(EnvironmentInjector)

  canActivate(route: ActivatedRouteSnapshot, state: RouterStateSnapshot): ReturnType<CanActivateFn> {
    return runInInjectionContext(this.#injector, () => authGuardFn(route, state))
  }
}
