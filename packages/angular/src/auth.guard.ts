import { InjectionToken, inject } from '@angular/core'
import {
  type ActivatedRouteSnapshot,
  type CanActivateFn,
  type CanMatchFn,
  type Route,
  Router,
  type RouterStateSnapshot,
  type UrlSegment,
  type UrlTree,
} from '@angular/router'
import type { Auth } from '@latchkey/browser'
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

/** Whose failed sign-in was told of since the page was loaded. */
const TOLD_OF_FAILURE = new InjectionToken<WeakSet<Auth>>('Latchkey failures told', {
  providedIn: 'root',
  factory: () => new WeakSet(),
})

/**
 * Waits until it is known who is there, renews before it judges, and leaves for the sign-in last. A sign-in that has
 * just failed is not tried again by itself, which would loop: the person goes to `unauthorizedRoute` and decides.
 */
async function passOrSignIn(configId: string | undefined, target: Target): Promise<boolean | UrlTree> {
  const clients = inject(AUTH_CLIENTS)
  const router = inject(Router)
  const told = inject(TOLD_OF_FAILURE)
  const auth = clients.get(configId)
  const unauthorized = inject(OPEN_ID_CONFIGURATIONS)?.[clients.all.indexOf(auth)]?.unauthorizedRoute ?? '/'
  const returnTo = targetUrl(router, target)
  const failure = await auth.start().then(
    () => null,
    (error: unknown) => ({ error }),
  )
  if (await isSignedIn(auth)) return true
  if (failure !== null && !told.has(auth)) {
    told.add(auth)
    if (returnTo === unauthorized) throw failure.error
    return router.parseUrl(unauthorized)
  }
  await auth.signIn({ returnTo })
  return false
}

/** A provider that cannot be reached right now signs nobody out: the session stays, and so does the way in. */
async function isSignedIn(auth: Auth): Promise<boolean> {
  if (auth.state.status !== 'authenticated') return false
  try {
    return (await auth.getAccessToken()) !== null
  } catch {
    return auth.state.status === 'authenticated'
  }
}

/** Where the person wanted to go, with query and fragment. */
function targetUrl(router: Router, target: Target): string {
  if ('url' in target) return target.url
  const navigation = router.getCurrentNavigation()
  return navigation === null
    ? `/${target.map((segment) => segment.path).join('/')}`
    : router.serializeUrl(navigation.extractedUrl)
}
