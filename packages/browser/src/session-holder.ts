import type { AuthState, SignedOutReason } from './auth-state.ts'
import { type EndReason, isNewer, type Session } from './session.ts'

/** What this tab knows of the session, in memory only, and who wants to hear of changes. */
export interface SessionHolder {
  readonly state: AuthState
  current(): Session | null
  /** Takes a session unless it is over or an older one; tells whether it is now the current one. */
  adopt(session: Session): boolean
  /** The family is over for good: no late message brings it back. */
  end(family: string, reason: EndReason, here: boolean): void
  /** Families known to be over, with the reason. */
  ended(): ReadonlyMap<string, EndReason>
  /** When the provider last said that nobody is there; epoch seconds, 0 for never. */
  askedAt(): number
  noteAsked(at: number): void
  /** Nobody is signed in, as far as anyone could find out. */
  declareAnonymous(because?: SignedOutReason): void
  subscribe(listener: (state: AuthState) => void): () => void
}

export function createSessionHolder(): SessionHolder {
  let session: Session | null = null
  let state: AuthState = { status: 'unknown' }
  let askedAt = 0
  const over = new Map<string, EndReason>()
  const listeners = new Set<(state: AuthState) => void>()

  function publish(next: AuthState): void {
    state = next
    for (const listener of [...listeners]) listener(state)
  }

  return {
    get state() {
      return state
    },
    current: () => session,
    adopt(candidate) {
      if (over.has(candidate.family) || !isNewer(candidate, session)) return false
      session = candidate
      publish(stateOf(candidate))
      return true
    },
    end(family, reason, here) {
      over.set(family, reason)
      if (session?.family !== family) return
      session = null
      publish({ status: 'anonymous', because: reason === 'signed-out' && !here ? 'signed-out-elsewhere' : reason })
    },
    ended: () => over,
    askedAt: () => askedAt,
    noteAsked(at) {
      askedAt = Math.max(askedAt, at)
    },
    declareAnonymous(because) {
      if (session === null) publish(because === undefined ? { status: 'anonymous' } : { status: 'anonymous', because })
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
