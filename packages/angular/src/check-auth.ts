import type { Auth } from '@latchkey/browser'
import { type LoginResponse, userDataOf } from './auth-results.ts'

/** Completes a sign-in that came back, or finds out silently who is there; failures become `errorMessage`. */
export async function checkAuth(auth: Auth): Promise<LoginResponse> {
  try {
    await auth.start()
    return loginResponse(auth, await auth.getAccessToken())
  } catch (error) {
    return { ...loginResponse(auth, null), errorMessage: error instanceof Error ? error.message : String(error) }
  }
}

export function loginResponse(auth: Auth, accessToken: string | null): LoginResponse {
  return {
    isAuthenticated: auth.state.status === 'authenticated',
    userData: userDataOf(auth.state),
    accessToken: accessToken ?? '',
    idToken: auth.getIdToken() ?? '',
    configId: auth.config.configId,
  }
}
