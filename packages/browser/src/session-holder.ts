import type { SignInWay } from './auth-event.ts'
import type { AuthEvents } from './auth-events.ts'
import type { AuthState, SignedOutReason } from './auth-state.ts'
import { type EndReason, isNewer, type Session } from './session.ts'

/** What this tab knows of the session, in memory only, and who wants to hear of changes. */
export interface SessionHolder {
  readonly state: AuthState
  current(): Session | null
  /** Takes a session unless it is over or an older one; tells whether it is now the current one. */
  adopt(session: Session, by?: SignInWay): boolean
  /** The family is over for good: no late message brings it back. */
  end(family: string, reason: EndReason, here: boolean): void
  /** Forgets the family in this tab alone; the other tabs go on with it. */
  leave(family: string): void
  /** Families known to be over, with the reason. */
  ended(): ReadonlyMap<string, EndReason>
  /** When the provider last said that nobody is there; epoch seconds, 0 for never. */
  askedAt(): number
  noteAsked(at: number): void
  /** Nobody is signed in, as far as anyone could find out. */
  declareAnonymous(because?: SignedOutReason): void
  /** Nobody could be asked. */
  declareUnreachable(): void
  subscribe(listener: (state: AuthState) => void): () => void
}

export function createSessionHolder(events: AuthEvents): SessionHolder {
  let session: Session | null = null
  let state: AuthState = { status: 'unknown' }
  let askedAt = 0
  const over = new Map<string, EndReason>()
  const left = new Set<string>()
  const listeners = new Set<(state: AuthState) => void>()

  function publish(next: AuthState): void {
    state = next
    for (const listener of [...listeners]) listener(state)
    events.emit({ type: 'state-changed', state })
  }

  function forget(because: SignedOutReason): void {
    session = null
    publish({ status: 'anonymous', because })
    events.emit({ type: 'signed-out', because })
  }

  return {
    get state() {
      return state
    },
    current: () => session,
    adopt(candidate, by = 'another-tab') {
      if (over.has(candidate.family) || left.has(candidate.family) || !isNewer(candidate, session)) return false
      const isNew = session?.family !== candidate.family
      session = candidate
      publish(stateOf(candidate))
      if (isNew) events.emit({ type: 'signed-in', by })
      return true
    },
    end(family, reason, here) {
      over.set(family, reason)
      if (session?.family === family) forget(reason === 'signed-out' && !here ? 'signed-out-elsewhere' : reason)
    },
    leave(family) {
      left.add(family)
      if (session?.family === family) forget('signed-out')
    },
    ended: () => over,
    askedAt: () => askedAt,
    noteAsked(at) {
      askedAt = Math.max(askedAt, at)
    },
    declareAnonymous(because) {
      if (session === null) publish(because === undefined ? { status: 'anonymous' } : { status: 'anonymous', because })
    },
    declareUnreachable() {
      if (state.status === 'unknown') publish({ status: 'unknown', because: 'unreachable' })
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function stateOf({ tokens }: Session): AuthState {
  if (tokens.claims === null) return { status: 'anonymous' }
  const { claims, issuedAt, expiresAt, renewals } = tokens
  return { status: 'authenticated', claims, issuedAt, expiresAt, renewals }
}
