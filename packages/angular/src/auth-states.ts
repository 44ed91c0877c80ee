import { DestroyRef, InjectionToken, inject, NgZone, type Signal, signal } from '@angular/core'
import type { Auth, AuthEvent, AuthState } from '@latchkey/browser'
import { BehaviorSubject, distinctUntilChanged, filter, map, type Observable, Subject } from 'rxjs'
import { AUTH_CLIENTS } from './auth-clients.ts'

/** What happened to which client. */
export interface ClientEvent {
  readonly auth: Auth
  readonly event: AuthEvent
}

/** The states of all configurations, kept by the core and repeated here for Angular to watch. */
export interface AuthStates {
  /** Null until the configurations are there. */
  readonly states: Signal<readonly AuthState[] | null>
  readonly states$: Observable<readonly AuthState[]>
  readonly events$: Observable<ClientEvent>
  indexOf(auth: Auth): number
  /** The state of one client. */
  of(find: () => Auth): Observable<AuthState>
}

export const AUTH_STATES = new InjectionToken<AuthStates>('Latchkey states', {
  providedIn: 'root',
  factory: () => {
    const clients = inject(AUTH_CLIENTS)
    const zone = inject(NgZone, { optional: true })
    const inZone = (work: () => void) => (zone === null ? work() : zone.run(work))
    const subject = new BehaviorSubject<readonly AuthState[] | null>(null)
    const events = new Subject<ClientEvent>()
    const states = signal<readonly AuthState[] | null>(null)
    const ends: (() => void)[] = []
    const publish = () => {
      const next = clients.all.map((auth) => auth.state)
      states.set(next)
      subject.next(next)
    }
    const watch = (all: readonly Auth[]) => {
      publish()
      for (const auth of all) {
        ends.push(auth.subscribe(() => inZone(publish)))
        ends.push(auth.onEvent((event) => inZone(() => events.next({ auth, event }))))
      }
    }
    if (clients.all.length > 0) watch(clients.all)
    else clients.ready.then((all) => inZone(() => watch(all))).catch(() => undefined)
    inject(DestroyRef).onDestroy(() => {
      for (const end of ends) end()
      subject.complete()
      events.complete()
    })
    const states$ = subject.pipe(filter((all) => all !== null))
    const indexOf = (auth: Auth) => clients.all.indexOf(auth)
    const of = (find: () => Auth) =>
      states$.pipe(
        map((all) => all[indexOf(find())] ?? find().state),
        distinctUntilChanged(),
      )
    return { states: states.asReadonly(), states$, events$: events.asObservable(), indexOf, of }
  },
})
