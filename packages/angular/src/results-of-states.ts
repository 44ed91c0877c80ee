import type { Auth, AuthState, IdTokenClaims } from '@latchkey/browser'
import type { AuthenticatedResult, PendingAuthenticatedResult, UserDataResult } from './auth-results.ts'

export function isKnown(states: readonly AuthState[]): boolean {
  return states.every((state) => state.status !== 'unknown')
}

export function authenticatedResult(all: readonly Auth[], states: readonly AuthState[]): AuthenticatedResult {
  const allConfigsAuthenticated = all.map((auth, index) => ({
    configId: auth.config.configId,
    isAuthenticated: states[index]?.status === 'authenticated',
  }))
  return { isAuthenticated: allConfigsAuthenticated.every((one) => one.isAuthenticated), allConfigsAuthenticated }
}

export function pendingAuthenticatedResult(
  all: readonly Auth[],
  states: readonly AuthState[],
): PendingAuthenticatedResult {
  if (isKnown(states)) return authenticatedResult(all, states)
  const allConfigsAuthenticated = all.map((auth, index) => {
    const status = states[index]?.status ?? 'unknown'
    return {
      configId: auth.config.configId,
      isAuthenticated: status === 'unknown' ? undefined : status === 'authenticated',
    }
  })
  return { isAuthenticated: undefined, allConfigsAuthenticated }
}

export function userDataResult(all: readonly Auth[], of: (auth: Auth) => IdTokenClaims | null): UserDataResult {
  const allUserData = all.map((auth) => ({ configId: auth.config.configId, userData: of(auth) }))
  return { userData: allUserData.length === 1 ? (allUserData[0]?.userData ?? null) : null, allUserData }
}
