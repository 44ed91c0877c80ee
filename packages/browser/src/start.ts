import { ofProtocol, ProtocolError } from '@latchkey/protocol'
import type { AuthState } from './auth-state.ts'
import { withoutResponse } from './local-address.ts'
import type { Parts } from './parts.ts'
import { beginSession, completeSignIn, leaveForSignIn } from './sign-in.ts'

/** Finds out once; every caller gets the same answer. A failure worth a retry may be tried again. */
export type Start = () => Promise<AuthState>

export function createStart(parts: Parts): Start {
  const { interactive, holder, emit } = parts
  let finding: Promise<void> | undefined

  async function find(): Promise<void> {
    try {
      holder.appState = await findOut(parts)
    } catch (error) {
      if (ofProtocol(error).retryable) {
        finding = undefined
        holder.declareUnreachable()
      } else holder.declareAnonymous()
      emit({ type: 'sign-in-failed', error })
      throw error
    }
  }

  return async () => {
    if (interactive) finding ??= find()
    await finding
    return holder.state
  }
}

/**
 * Finds out who is there: an answer that just came back, other tabs, the provider. Resolves with what the completed
 * sign-in was given.
 * @throws ProtocolError when the sign-in failed, or nobody could be asked (`retryable`; the state stays `unknown`).
 */
async function findOut(parts: Parts): Promise<unknown> {
  const { settings, holder, locks, page, logins, silent } = parts
  if (silent?.relay(parts, settings)) return
  let failure: unknown
  const outcome = await completeSignIn(parts).catch((error: unknown) => {
    failure = error
  })
  if (outcome instanceof Object) return outcome.appState
  const here = page.href()
  const signedOut = logins.take('logout', new URL(here).searchParams.get('state')) instanceof Object
  if (signedOut) page.replaceAddress(withoutResponse(here))
  try {
    // Tabs that open together ask the provider once.
    await locks.exclusive(`${settings.name}:session`, () => askAround(parts))
  } catch (error) {
    throw failure ?? error
  }
  if (holder.current()) {
    // A failure is told even where a session exists already, unless asking again has just made up for it.
    if (ofProtocol(failure).retryable) return
  } else {
    if (outcome === 'stale' && logins.claimRestart()) return leaveForSignIn(parts)
    holder.declareAnonymous(signedOut ? 'signed-out' : undefined)
    failure ??= outcome === 'stale' && new ProtocolError('state_mismatch', 'the sign-in is over: sign in again')
  }
  if (failure) throw failure
}

/** Other tabs first; the provider only when none of them knows. */
async function askAround(parts: Parts): Promise<void> {
  /** What another tab was told by the provider so recently, in seconds, need not be asked again. */
  const askedRecentlySeconds = 30
  const { runtime, holder, tabs, silent } = parts
  if (!holder.current()) await tabs.catchUp()
  if (holder.current() || runtime.now() - holder.askedAt < askedRecentlySeconds) return
  const tokens = await silent?.ask(parts, {})
  if (tokens) await beginSession(parts, tokens, 'silent')
  else holder.askedAt = runtime.now()
}
