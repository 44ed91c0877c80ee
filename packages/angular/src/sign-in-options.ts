import type { Auth, SignInOptions, SignOutOptions } from '@latchkey/browser'
import { signOutBy } from '@latchkey/browser/conditions'
import { asTexts } from './auth-config.ts'
import type { AuthOptions, LogoutAuthOptions } from './auth-results.ts'
import { surfaceOf } from './user-data.ts'

/** The core's words for what `authorize` was told; `state` travels as application state. */
export function toSignInOptions(auth: Auth, options: AuthOptions, state: string | undefined): SignInOptions {
  const { customParams, urlHandler: _, ...rest } = options
  const { postLoginRoute, triggerAuthorizationResultEvent } = surfaceOf(auth)
  const goesBackTo = triggerAuthorizationResultEvent === true ? undefined : postLoginRoute
  return {
    ...(goesBackTo === undefined ? {} : { returnTo: goesBackTo }),
    ...(state === undefined ? {} : { appState: state }),
    ...rest,
    ...(customParams === undefined ? {} : { extraParameters: asTexts(customParams) }),
  }
}

/** Leaves by the application's own way where it has one, else by the core's. */
export async function leaveForSignIn(auth: Auth, options: AuthOptions, state: string | undefined): Promise<void> {
  const told = toSignInOptions(auth, options, state)
  if (options.urlHandler === undefined) await auth.signIn(told)
  else options.urlHandler(await auth.getAuthorizeUrl(told))
}

export function toSignOutOptions(auth: Auth, { customParams, logoffMethod }: LogoutAuthOptions): SignOutOptions {
  const extraParameters = asTexts({ ...surfaceOf(auth).customParamsEndSessionRequest, ...customParams })
  return { extraParameters, ...(logoffMethod === undefined ? {} : { method: logoffMethod }) }
}

/** Ends the session everywhere; the way to the provider may be the application's own. */
export function leaveForSignOut(auth: Auth, options: LogoutAuthOptions): Promise<void> {
  const told = toSignOutOptions(auth, options)
  return options.urlHandler === undefined ? auth.signOut(told) : signOutBy(auth, told, options.urlHandler)
}
