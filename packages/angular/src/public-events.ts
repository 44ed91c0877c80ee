import { inject } from '@angular/core'
import type { AuthEvent } from '@latchkey/browser'
import { type Observable, Subject } from 'rxjs'
import { AUTH_CLIENTS } from './auth-clients.ts'
import { AUTH_STATES } from './auth-states.ts'
import { inRoot } from './in-root.ts'

/** What applications are told of, in the names that Angular developers know. */
export const EventTypes = {
  ConfigLoaded: 0,
  CheckingAuth: 1,
  CheckingAuthFinished: 2,
  CheckingAuthFinishedWithError: 3,
  ConfigLoadingFailed: 4,
  CheckSessionReceived: 5,
  UserDataChanged: 6,
  NewAuthenticationResult: 7,
  TokenExpired: 8,
  IdTokenExpired: 9,
  SilentRenewStarted: 10,
  SilentRenewFailed: 11,
} as const
export type EventTypes = (typeof EventTypes)[keyof typeof EventTypes]

/** Never a token, code or nonce. */
export interface OidcClientNotification<T = unknown> {
  readonly type: EventTypes
  readonly value?: T
}

/** Everything that happens, for whoever listens. */
export class PublicEventsService {
  static readonly ɵprov: unknown = inRoot(PublicEventsService)

  readonly #events = new Subject<OidcClientNotification>()

  constructor() {
    inject(AUTH_STATES).events$.subscribe(({ auth, event }) => {
      const { configId } = auth.config
      for (const { type, value } of notificationsOf(event)) {
        this.#events.next({ type, value: { configId, ...(value as object | undefined) } })
      }
    })
    inject(AUTH_CLIENTS).ready.then(
      (all) => this.fireEvent(EventTypes.ConfigLoaded, { configIds: all.map(({ config }) => config.configId) }),
      (error: unknown) => this.fireEvent(EventTypes.ConfigLoadingFailed, { error }),
    )
  }

  fireEvent<T>(type: EventTypes, value?: T): void {
    this.#events.next(value === undefined ? { type } : { type, value })
  }

  registerForEvents(): Observable<OidcClientNotification> {
    return this.#events.asObservable()
  }
}

function notificationsOf(event: AuthEvent): readonly OidcClientNotification[] {
  switch (event.type) {
    case 'signed-in':
      return [{ type: EventTypes.NewAuthenticationResult, value: { isAuthenticated: true, isRenewProcess: false } }]
    case 'renewed':
      return [{ type: EventTypes.NewAuthenticationResult, value: { isAuthenticated: true, isRenewProcess: true } }]
    case 'sign-in-failed':
      return [{ type: EventTypes.NewAuthenticationResult, value: { isAuthenticated: false, isRenewProcess: false } }]
    case 'state-changed':
      return [
        {
          type: EventTypes.UserDataChanged,
          value: { userData: event.state.status === 'authenticated' ? event.state.claims : null },
        },
      ]
    case 'renewing':
      return [{ type: EventTypes.SilentRenewStarted }]
    case 'renewal-failed':
      return [{ type: EventTypes.SilentRenewFailed, value: { error: event.error } }]
    case 'session-changed':
      return [{ type: EventTypes.CheckSessionReceived }]
    case 'signed-out':
      return event.because === 'expired' || event.because === 'revoked'
        ? [{ type: EventTypes.TokenExpired, value: { because: event.because } }]
        : []
    default:
      return []
  }
}
