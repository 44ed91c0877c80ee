import type { Auth, AuthState, IdTokenClaims } from '@latchkey/browser'

export interface LoginResponse {
  readonly isAuthenticated: boolean
  readonly userData: IdTokenClaims | null
  /** Empty when nobody is signed in. */
  readonly accessToken: string
  /** Empty when nobody is signed in. */
  readonly idToken: string
  readonly configId: string
  /** Why a sign-in that came back, or a renewal, failed. */
  readonly errorMessage?: string
}

export interface ConfigAuthenticatedResult {
  readonly configId: string
  readonly isAuthenticated: boolean
}

/** `isAuthenticated` is true when every configuration is signed in. */
export interface AuthenticatedResult {
  readonly isAuthenticated: boolean
  readonly allConfigsAuthenticated: readonly ConfigAuthenticatedResult[]
}

export interface ConfigUserDataResult {
  readonly configId: string
  readonly userData: IdTokenClaims | null
}

/** `userData` is that of the only configuration; null with several, as their people may differ. */
export interface UserDataResult {
  readonly userData: IdTokenClaims | null
  readonly allUserData: readonly ConfigUserDataResult[]
}

/** What a signal says while nobody knows yet: undefined, never a premature false. */
export interface PendingAuthenticatedResult {
  readonly isAuthenticated: boolean | undefined
  readonly allConfigsAuthenticated: readonly {
    readonly configId: string
    readonly isAuthenticated: boolean | undefined
  }[]
}

export function isKnown(states: readonly AuthState[]): boolean {
  return states.every((state) => state.status !== 'unknown')
}

export function userDataOf(state: AuthState | undefined): IdTokenClaims | null {
  return state?.status === 'authenticated' ? state.claims : null
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

export function userDataResult(all: readonly Auth[], states: readonly AuthState[]): UserDataResult {
  const allUserData = all.map((auth, index) => ({
    configId: auth.config.configId,
    userData: userDataOf(states[index]),
  }))
  return { userData: all.length === 1 ? userDataOf(states[0]) : null, allUserData }
}
