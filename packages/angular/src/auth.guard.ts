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
import type { Auth, IdTokenClaims, SignInOptions } from '@latchkey/browser'
import {
  leftSignIn,
  type PageConditions,
  showNobodyElse,
  whatIsMissing,
  whenSignInIsLeft,
} from '@latchkey/browser/conditions'
import { type AngularAuthConfig, AUTH_CLIENTS } from './auth-clients.ts'

export type AuthGuard = CanActivateFn & CanMatchFn

/** What a route asks of the person: `scope` and `acrValues` are asked for once where they are missing. */
export interface GuardConditions extends PageConditions {
  readonly configId?: string
  /** Judges the claims of the ID token; where it says no, nobody is asked again: `forbiddenRoute`. */
  readonly claims?: (claims: IdTokenClaims) => boolean
}

type Target = RouterStateSnapshot | readonly UrlSegment[]

/** Lets signed-in people pass; for `canActivate` and `canMatch`. A route's `data.configId` names its configuration. */
export const authGuard: AuthGuard = (route: ActivatedRouteSnapshot | Route, target: Target) =>
  passOrSignIn({ configId: route.data?.configId }, target)

/** `authGuard` with conditions. */
export function authGuardWith(conditions: GuardConditions): AuthGuard {
  return (_route: ActivatedRouteSnapshot | Route, target: Target) => passOrSignIn(conditions, target)
}

/** `authGuard` under the name that Angular developers know. */
export const autoLoginPartialRoutesGuard: AuthGuard = authGuard

/** `authGuard` for one configuration. */
export function autoLoginPartialRoutesGuardWithConfig(configId: string): AuthGuard {
  return authGuardWith({ configId })
}

/** Whose failed sign-in was told of since the page was loaded. */
const TOLD_OF_FAILURE = new InjectionToken<WeakSet<Auth>>('Latchkey failures told', {
  providedIn: 'root',
  factory: () => new WeakSet(),
})

/** Whose sign-in was left before it was done, and not told of yet. */
const LEFT_SIGN_INS = new InjectionToken<WeakMap<Auth, Error>>('Latchkey sign-ins left', {
  providedIn: 'root',
  factory: () => new WeakMap(),
})

/** Whose guarded pages were shown since the page was loaded. */
const SHOWN = new InjectionToken<WeakSet<Auth>>('Latchkey pages shown', {
  providedIn: 'root',
  factory: () => new WeakSet(),
})

type Conditions = Omit<GuardConditions, 'configId'> & { readonly configId?: string | undefined }

/**
 * Waits until it is known who is there, renews before it judges, and leaves for the sign-in last. A sign-in that has
 * just failed is not tried again by itself, which would loop: the person goes to `unauthorizedRoute` and decides.
 * On a server nobody passes and nobody is sent anywhere: the browser decides.
 */
async function passOrSignIn(conditions: Conditions, target: Target): Promise<boolean | UrlTree> {
  const clients = inject(AUTH_CLIENTS)
  const router = inject(Router)
  const told = inject(TOLD_OF_FAILURE)
  const lefts = inject(LEFT_SIGN_INS)
  const shown = inject(SHOWN)
  const returnTo = targetUrl(router, target)
  await clients.ready
  const auth = clients.get(conditions.configId)
  const { unauthorizedRoute = '/', forbiddenRoute = unauthorizedRoute } = auth.config as AngularAuthConfig
  const left = lefts.get(auth) ?? (router.navigated ? null : leftSignIn(auth))
  lefts.delete(auth)
  const failure = await auth.start().then(
    () => null,
    (error: unknown) => ({ error }),
  )
  /** Should the person come back to this very page instead of signing in, the navigation is made again and told of it. */
  const signIn = async (options: SignInOptions) => {
    await auth.signIn({ ...options, returnTo })
    whenSignInIsLeft(auth, (error) => {
      lefts.set(auth, error)
      // Where it fails the router tells its own error handler.
      router.navigateByUrl(returnTo, { onSameUrlNavigation: 'reload', replaceUrl: true }).catch(() => undefined)
    })
    return false
  }
  if (await isSignedIn(auth)) {
    const { state } = auth
    const allowed = state.status === 'authenticated' && (conditions.claims?.(state.claims) ?? true)
    const missing = allowed ? whatIsMissing(auth, conditions) : 'asked'
    if (missing === null) {
      if (!shown.has(auth)) showNobodyElse(auth)
      shown.add(auth)
      return true
    }
    if (missing === 'asked' || left !== null || failure !== null) {
      return returnTo === forbiddenRoute ? false : router.parseUrl(forbiddenRoute)
    }
    return signIn(missing)
  }
  const untold = left === null ? (told.has(auth) ? null : failure) : { error: left }
  if (untold === null) return signIn({})
  told.add(auth)
  if (returnTo === unauthorizedRoute) throw untold.error
  return router.parseUrl(unauthorizedRoute)
}

/** A provider that cannot be reached right now signs nobody out: the session stays, and so does the way in. */
async function isSignedIn(auth: Auth): Promise<boolean> {
  if (auth.state.status !== 'authenticated') return false
  if (auth.config.mode === 'bff') return true
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
