import { InjectionToken, inject, type Signal, signal } from '@angular/core'
import type { Auth, IdTokenClaims, UserInfo } from '@latchkey/browser'
import { BehaviorSubject, type Observable } from 'rxjs'
import type { SurfaceConfig } from './auth-config.ts'
import { AUTH_STATES } from './auth-states.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'

/** What is known of the people: the ID token's claims, and with `autoUserInfo` the userinfo endpoint's over them. */
export interface UserData {
  of(auth: Auth): IdTokenClaims | null
  /** Asks the userinfo endpoint where the configuration says so and nothing is known yet. */
  look(auth: Auth): Promise<void>
  /** Moves whenever somebody's data may have changed. */
  readonly version: Signal<number>
  readonly changes$: Observable<void>
}

interface Known {
  readonly sub: string
  readonly renewals: number
  readonly info: UserInfo | null
}

/** The options that a client was configured with under the familiar names; none in the native API. */
export function surfaceOf(auth: Auth): Partial<OpenIdConfiguration> {
  return (auth.config as Partial<SurfaceConfig>).surface ?? {}
}

export const USER_DATA = new InjectionToken<UserData>('Latchkey user data', {
  providedIn: 'root',
  factory: () => {
    const { events$ } = inject(AUTH_STATES)
    const known = new Map<Auth, Known>()
    const asking = new Map<Auth, Promise<void>>()
    const version = signal(0)
    const changes = new BehaviorSubject<void>(undefined)

    function look(auth: Auth): Promise<void> {
      const under = asking.get(auth) ?? ask(auth).finally(() => asking.delete(auth))
      asking.set(auth, under)
      return under
    }
    async function ask(auth: Auth): Promise<void> {
      const { autoUserInfo, renewUserInfoAfterTokenRenew } = surfaceOf(auth)
      const { state } = auth
      if (autoUserInfo !== true || state.status !== 'authenticated') return
      const before = known.get(auth)
      const isSame = before?.sub === state.claims.sub
      if (isSame && (before.renewals === state.renewals || renewUserInfoAfterTokenRenew !== true)) return
      const { sub } = state.claims
      // Without an answer the ID token's claims stand, and the next renewal asks again.
      const info = await auth.fetchUserInfo().catch(() => null)
      if (info === null) known.delete(auth)
      else if (info.sub === sub) known.set(auth, { sub, renewals: state.renewals, info })
      version.update((count) => count + 1)
      changes.next()
    }
    events$.subscribe(({ auth, event }) => {
      if (event.type === 'state-changed') void look(auth)
    })
    return {
      look,
      version: version.asReadonly(),
      changes$: changes.asObservable(),
      of(auth) {
        if (auth.state.status !== 'authenticated') return null
        const { claims } = auth.state
        const info = known.get(auth)
        return info === undefined || info.sub !== claims.sub ? claims : { ...claims, ...info.info }
      },
    }
  },
})
