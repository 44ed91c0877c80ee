import { DestroyRef, InjectionToken, inject, NgZone, type Signal, signal } from '@angular/core'
import type { Auth, AuthState } from '@latchkey/browser'
import { BehaviorSubject, distinctUntilChanged, map, type Observable } from 'rxjs'
import { AUTH_CLIENTS, OPEN_ID_CONFIGURATIONS } from './auth-clients.ts'
import { LogLevel, type OpenIdConfiguration } from './open-id-configuration.ts'

/** The states of all configurations, kept by the core and repeated here for Angular to watch. */
export interface AuthStates {
  readonly states: Signal<readonly AuthState[]>
  readonly states$: Observable<readonly AuthState[]>
  /** The state of one client. */
  of(auth: Auth): Observable<AuthState>
}

export const AUTH_STATES = new InjectionToken<AuthStates>('Latchkey states', {
  providedIn: 'root',
  factory: () => {
    const { all } = inject(AUTH_CLIENTS)
    const zone = inject(NgZone, { optional: true })
    const configurations = inject(OPEN_ID_CONFIGURATIONS)
    const subject = new BehaviorSubject<readonly AuthState[]>(all.map((auth) => auth.state))
    const states = signal<readonly AuthState[]>(subject.value)
    const publish = () => {
      const next = all.map((auth) => auth.state)
      states.set(next)
      subject.next(next)
    }
    const ends = all.map((auth, index) =>
      auth.subscribe((state) => {
        logState(auth, state, configurations[index])
        if (zone === null) publish()
        else zone.run(publish)
      }),
    )
    inject(DestroyRef).onDestroy(() => {
      for (const end of ends) end()
      subject.complete()
    })
    const of = (auth: Auth) =>
      subject.pipe(
        map((current) => current[all.indexOf(auth)] ?? auth.state),
        distinctUntilChanged(),
      )
    return { states: states.asReadonly(), states$: subject.asObservable(), of }
  },
})

function logState(auth: Auth, state: AuthState, configuration: OpenIdConfiguration | undefined): void {
  if (configuration?.logLevel !== LogLevel.Debug) return
  const because = state.status === 'anonymous' && state.because !== undefined ? ` (${state.because})` : ''
  const renewals = state.status === 'authenticated' ? `, renewals: ${state.renewals}` : ''
  console.debug(`[latchkey] ${auth.config.configId}: ${state.status}${because}${renewals}`)
}
