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

/** What guards know of one client since the page was loaded. */
interface Memory {
  /** Whether its failed sign-in was told of. */
  told: boolean
  /** A sign-in that was left before it was done, and not told of yet. */
  left: Error | null
  /** Whether somebody was let in. */
  passed: boolean
}

const MEMORIES = new InjectionToken<(auth: Auth) => Memory>('Latchkey guards', {
  providedIn: 'root',
  factory: () => {
    const memories = new WeakMap<Auth, Memory>()
    return (auth) => {
      const memory = memories.get(auth) ?? { told: false, left: null, passed: false }
      memories.set(auth, memory)
      return memory
    }
  },
})

type Conditions = Omit<GuardConditions, 'configId'> & { readonly configId?: string | undefined }

interface Visit {
  readonly auth: Auth
  readonly router: Router
  readonly memory: Memory
  readonly returnTo: string
}

/**
 * Waits until it is known who is there, renews before it judges, and leaves for the sign-in last. A sign-in that has
 * just failed is not tried again by itself, which would loop: the person goes to `unauthorizedRoute` and decides.
 * On a server nobody passes and nobody is sent anywhere: the browser decides.
 */
async function passOrSignIn(conditions: Conditions, target: Target): Promise<boolean | UrlTree> {
  const clients = inject(AUTH_CLIENTS)
  const router = inject(Router)
  const memoryOf = inject(MEMORIES)
  const returnTo = targetUrl(router, target)
  await clients.ready
  const auth = clients.get(conditions.configId)
  const memory = memoryOf(auth)
  const visit = { auth, router, memory, returnTo }
  const left = memory.left ?? (router.navigated ? null : leftSignIn(auth))
  memory.left = null
  const failure = await auth.start().then(
    () => null,
    (error: unknown) => ({ error }),
  )
  // A failure that was told of is over: it says nothing of a sign-in since.
  const tried = left !== null || (failure !== null && !memory.told)
  if (await isSignedIn(auth)) return passWith(conditions, visit, tried)
  const untold = left === null ? (memory.told ? null : failure) : { error: left }
  if (untold === null) return signIn(visit)
  memory.told = true
  const { unauthorizedRoute } = routesOf(auth)
  if (returnTo === unauthorizedRoute) throw untold.error
  return router.parseUrl(unauthorizedRoute)
}

/** Whoever is signed in passes with what the conditions ask; what is missing is asked for unless that was `tried`. */
function passWith(conditions: Conditions, visit: Visit, tried: boolean): Promise<boolean> | boolean | UrlTree {
  const { auth, router, memory, returnTo } = visit
  const { state } = auth
  const allowed = state.status === 'authenticated' && (conditions.claims?.(state.claims) ?? true)
  const missing = allowed ? whatIsMissing(auth, conditions) : 'asked'
  if (missing === null) {
    if (!memory.passed) showNobodyElse(auth)
    memory.passed = true
    return true
  }
  if (missing !== 'asked' && !tried) return signIn(visit, missing)
  const { forbiddenRoute } = routesOf(auth)
  return returnTo === forbiddenRoute ? false : router.parseUrl(forbiddenRoute)
}

/** Should the person come back to this very page instead of signing in, the navigation is made again and told of it. */
async function signIn({ auth, router, memory, returnTo }: Visit, options: SignInOptions = {}): Promise<boolean> {
  await auth.signIn({ ...options, returnTo })
  whenSignInIsLeft(auth, (error) => {
    memory.left = error
    // Where it fails the router tells its own error handler.
    router.navigateByUrl(returnTo, { onSameUrlNavigation: 'reload', replaceUrl: true }).catch(() => undefined)
  })
  return false
}

function routesOf({ config }: Auth): Required<Pick<AngularAuthConfig, 'unauthorizedRoute' | 'forbiddenRoute'>> {
  const { unauthorizedRoute = '/', forbiddenRoute = unauthorizedRoute } = config as AngularAuthConfig
  return { unauthorizedRoute, forbiddenRoute }
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
