import type { IdTokenClaims } from '@latchkey/protocol'
import type { SignInWay } from './auth-event.ts'
import type { AuthEvents } from './auth-events.ts'
import type { AuthState, SignedOutReason } from './auth-state.ts'
import { type EndReason, isNewer, type Session } from './session.ts'

/** What this tab knows of the session, in memory only. */
export interface SessionHolder {
  readonly state: AuthState
  /** Families that are over, with the reason; `left`: only this tab is done with it. */
  readonly over: ReadonlyMap<string, EndReason | 'left'>
  /** When the provider last said that nobody is there; epoch seconds, 0 for never. */
  askedAt: number
  /** What the sign-in that this page completed was given. */
  appState?: unknown
  current(): Session | null
  /** Takes a session unless it is over or an older one; tells whether it is now the current one. */
  adopt(session: Session, by?: SignInWay): boolean
  /** The family is over for good: no late message brings it back. */
  end(family: string, reason: EndReason | 'left'): void
  /** Nobody is signed in, as far as anyone could find out. */
  declareAnonymous(because?: SignedOutReason): void
  /** Nobody could be asked. */
  declareUnreachable(): void
  subscribe(listener: (state: AuthState) => void): () => void
}

export function createSessionHolder(events: AuthEvents): SessionHolder {
  let session: Session | null = null
  let state: AuthState = { status: 'unknown' }
  const over = new Map<string, EndReason | 'left'>()

  function publish(next: AuthState): void {
    state = next
    events.emit({ type: 'state-changed', state })
  }

  return {
    get state() {
      return state
    },
    over,
    askedAt: 0,
    current: () => session,
    adopt(candidate, by = 'another-tab') {
      if (over.has(candidate.family) || !isNewer(candidate, session)) return false
      const isNew = session?.family !== candidate.family
      session = candidate
      const { claims, issuedAt, expiresAt, renewals } = candidate.tokens
      publish({ status: 'authenticated', claims: claims as IdTokenClaims, issuedAt, expiresAt, renewals })
      if (isNew) events.emit({ type: 'signed-in', by })
      return true
    },
    end(family, reason) {
      over.set(family, reason)
      if (session?.family !== family) return
      const because = reason === 'left' ? 'signed-out' : reason
      session = null
      publish({ status: 'anonymous', because })
      events.emit({ type: 'signed-out', because })
    },
    declareAnonymous(because) {
      if (!session) publish({ status: 'anonymous', because })
    },
    declareUnreachable() {
      if (state.status === 'unknown') publish({ status: 'unknown', because: 'unreachable' })
    },
    subscribe: (listener) => events.subscribe((event) => event.type === 'state-changed' && listener(event.state)),
  }
}
