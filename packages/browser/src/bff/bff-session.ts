import { encodeBase64url, ProtocolError } from '@latchkey/protocol'
import type { SignInWay } from '../auth-event.ts'
import type { AuthEvents } from '../auth-events.ts'
import type { AuthState, SignedOutReason } from '../auth-state.ts'
import type { openEventSource } from '../platform/event-source.ts'
import type { Channel, Platform } from '../platform/platform.ts'
import { isRecord } from '../session.ts'
import { askForUser, type BffPlace, type BffUser } from './bff-user.ts'

/** A stream that was refused while the session lives is tried again after this long, in seconds. */
const listenAgainSeconds = 30
/** The cookie of a session that replaces another comes with the answer that began it: moments later, in seconds. */
const replacedSeconds = 1

/** The session at the BFF, as this page knows it. */
export interface BffSession {
  readonly state: AuthState
  user(): BffUser | null
  subscribe(listener: (state: AuthState) => void): () => void
  /** One question for all who ask at once. */
  start(): Promise<AuthState>
  /** Asks again; nobody there now means that the session has ended. */
  check(): Promise<AuthState>
  /** Asks after somebody has signed in `by` this way: what was asked before does not count. */
  lookAfter(by: SignInWay): Promise<AuthState>
  /** In every tab, or in this one alone. */
  end(because: SignedOutReason, where: 'tab' | 'everywhere'): void
  close(): void
}

interface BffSessionOptions {
  readonly platform: Platform
  readonly place: BffPlace
  readonly events: AuthEvents
  readonly openEvents: typeof openEventSource
}

/** State follows `/user`; the BFF's own events, other tabs and the page's waking up say when to look. */
export function createBffSession({ platform, place, events, openEvents }: BffSessionOptions): BffSession {
  const { runtime } = platform
  const listeners = new Set<(state: AuthState) => void>()
  const id = encodeBase64url(runtime.randomBytes(9))
  let state: AuthState = { status: 'unknown' }
  let user: BffUser | null = null
  let asking: Promise<AuthState> | null = null
  let closeEvents = () => {}
  let channel: Channel | null = null

  function publish(next: AuthState, by: SignInWay = 'redirect'): void {
    const was: AuthState['status'] = state.status
    if (was === 'anonymous' && next.status === 'anonymous' && next.because === undefined) return
    state = next
    if (next.status !== 'authenticated') stopListening()
    else if (was !== 'authenticated') listen()
    for (const listener of [...listeners]) listener(next)
    events.emit({ type: 'state-changed', state: next })
    if (next.status === 'authenticated' && was !== 'authenticated') events.emit({ type: 'signed-in', by })
    if (next.status === 'anonymous' && was === 'authenticated')
      events.emit({ type: 'signed-out', because: next.because ?? 'expired' })
  }
  function stopListening(instead = () => {}): void {
    closeEvents()
    closeEvents = instead
  }
  function listen(): void {
    stopListening()
    closeEvents = openEvents(`${place.basePath}/events`, ['renewed', 'ended'], (name, data) => {
      if (name === 'renewed') return void check().catch(() => undefined)
      if (name === 'closed') return lookAgain()
      const because = isRecord(data) ? data.because : undefined
      // Somebody has signed in anew in this browser: perhaps the same person, as an API asked for.
      if (because === 'replaced') stopListening(runtime.schedule(replacedSeconds, follow))
      else end(because === 'expired' ? 'expired' : 'signed-out-elsewhere')
    })
  }
  /** Another session has taken this one's place. */
  function follow(): void {
    void check().then(() => state.status === 'authenticated' && listen(), lookAgain)
  }
  /** The stream was refused: either the session is over, or the BFF is away for now. */
  function lookAgain(): void {
    const listenLater = () => {
      if (state.status === 'authenticated') closeEvents = runtime.schedule(listenAgainSeconds, listen)
    }
    void check().then(listenLater, listenLater)
  }
  function end(because: SignedOutReason): void {
    user = null
    publish({ status: 'anonymous', because })
  }

  async function ask(slide: boolean, by?: SignInWay): Promise<AuthState> {
    const before = user
    try {
      user = await askForUser(runtime, place, { slide })
    } catch (error) {
      if (state.status === 'unknown' && error instanceof ProtocolError && error.retryable)
        publish({ status: 'unknown', because: 'unreachable' })
      throw error
    }
    if (user === null) publish(before === null ? { status: 'anonymous' } : { status: 'anonymous', because: 'expired' })
    else {
      const { claims, expiresInSeconds } = user
      const issuedAt = runtime.now()
      const same = state.status === 'authenticated' && before !== null && before.logoutUrl === user.logoutUrl
      const renewals = same && state.status === 'authenticated' ? state.renewals : 0
      publish({ status: 'authenticated', claims, issuedAt, expiresAt: issuedAt + expiresInSeconds, renewals }, by)
      if (before === null) channel?.postMessage({ from: id })
    }
    return state
  }
  function once(slide: boolean, by?: SignInWay): Promise<AuthState> {
    asking ??= ask(slide, by).finally(() => {
      asking = null
    })
    return asking
  }
  const check = () => once(false)
  const unwatch = platform.onLifecycle((event) => {
    if (event === 'resume' && state.status !== 'unknown') void check().catch(() => undefined)
  })
  channel = platform.openChannel(`latchkey:bff:${place.basePath}`, (message) => {
    if (!isRecord(message) || message.from === id) return
    if (message.ended === true && state.status === 'authenticated') end('signed-out-elsewhere')
    else if (state.status === 'anonymous') void check().catch(() => undefined)
  })
  return {
    get state() {
      return state
    },
    user: () => user,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start: async () => (platform.interactive && state.status === 'unknown' ? once(true) : state),
    check,
    async lookAfter(by) {
      await asking?.catch(() => undefined)
      const replaced = state.status === 'authenticated'
      const found = await once(true, by)
      if (replaced && found.status === 'authenticated') listen()
      return found
    },
    end(because, where) {
      if (where === 'everywhere') channel?.postMessage({ from: id, ended: true })
      end(because)
    },
    close() {
      stopListening()
      unwatch()
      channel?.close()
    },
  }
}
