import type { Auth, AuthState } from '@latchkey/browser'
import type { LoginResponse } from './auth-results.ts'
import type { UserData } from './user-data.ts'

/** Completes a sign-in that came back, or finds out silently who is there; failures become `errorMessage`. */
export async function checkAuth(auth: Auth, people: UserData): Promise<LoginResponse> {
  try {
    await auth.start()
    await people.look(auth)
    return await loginResponse(auth, people)
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : String(error)
    return { ...describe(auth, auth.peekAccessToken(), people), errorMessage }
  }
}

/**
 * What is known of the person, as soon as anything is: a sign-in that failed earlier says nothing of who is there since.
 * @throws ProtocolError `unreachable` (retryable) while nobody could be asked.
 */
export async function known(auth: Auth): Promise<AuthState> {
  await auth.start().catch((error: unknown) => {
    if (auth.state.status === 'unknown') throw error
  })
  return auth.state
}

/** With a current access token, where the browser has one at all. */
export async function loginResponse(
  auth: Auth,
  people: UserData,
  options: { readonly forceRenewal?: boolean } = {},
): Promise<LoginResponse> {
  const accessToken = auth.config.mode === 'bff' ? null : await auth.getAccessToken(options)
  return describe(auth, accessToken, people)
}

function describe(auth: Auth, accessToken: string | null, people: UserData): LoginResponse {
  return {
    isAuthenticated: auth.state.status === 'authenticated',
    userData: people.of(auth),
    accessToken: accessToken ?? '',
    idToken: auth.getIdToken() ?? '',
    configId: auth.config.configId,
  }
}
