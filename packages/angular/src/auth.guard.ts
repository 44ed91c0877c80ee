import { inject } from '@angular/core'
import {
  type ActivatedRouteSnapshot,
  type CanActivateFn,
  type CanMatchFn,
  type GuardResult,
  type Route,
  Router,
  type RouterStateSnapshot,
  type UrlSegment,
} from '@angular/router'
import { AUTH_CLIENTS, OPEN_ID_CONFIGURATIONS } from './auth-clients.ts'

export type AuthGuard = CanActivateFn & CanMatchFn

type Target = RouterStateSnapshot | readonly UrlSegment[]

/** Lets signed-in people pass; for `canActivate` and `canMatch`. A route's `data.configId` names its configuration. */
export const authGuard: AuthGuard = (route: ActivatedRouteSnapshot | Route, target: Target) =>
  passOrSignIn(route.data?.configId, target)

/** `authGuard` under the name that Angular developers know. */
export const autoLoginPartialRoutesGuard: AuthGuard = authGuard

/** `authGuard` for one configuration. */
export function autoLoginPartialRoutesGuardWithConfig(configId: string): AuthGuard {
  return (_route: ActivatedRouteSnapshot | Route, target: Target) => passOrSignIn(configId, target)
}

/**
 * Waits until it is known who is there, renews before it judges, and leaves for the sign-in last. A sign-in that has
 * just failed is not tried again by itself: the person goes to `unauthorizedRoute`.
 */
async function passOrSignIn(configId: string | undefined, target: Target): Promise<GuardResult> {
  const clients = inject(AUTH_CLIENTS)
  const router = inject(Router)
  const auth = clients.get(configId)
  const fallback = inject(OPEN_ID_CONFIGURATIONS)?.[clients.all.indexOf(auth)]?.unauthorizedRoute ?? '/'
  const returnTo = targetUrl(router, target)
  try {
    await auth.start()
  } catch {
    return returnTo === fallback ? false : router.parseUrl(fallback)
  }
  if ((await auth.getAccessToken()) !== null) return true
  await auth.signIn({ returnTo })
  return false
}

/** Where the person wanted to go, with query and fragment. */
function targetUrl(router: Router, target: Target): string {
  if ('url' in target) return target.url
  const navigation = router.getCurrentNavigation()
  return navigation === null
    ? `/${target.map((segment) => segment.path).join('/')}`
    : router.serializeUrl(navigation.extractedUrl)
}
