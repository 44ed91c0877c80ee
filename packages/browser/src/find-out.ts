import { ProtocolError } from '@latchkey/protocol'
import type { AuthState } from './auth-state.ts'
import { withoutResponse } from './local-address.ts'
import { catchUp, type Parts, sessionLock } from './parts.ts'
import { beginSession, completeSignIn, leaveForSignIn, type SignInOutcome } from './sign-in.ts'

/** What another tab was told by the provider so recently, in seconds, need not be asked again. */
const askedRecentlySeconds = 30

/**
 * Finds out who is there: an answer that just came back, other tabs, the provider.
 * @throws ProtocolError when the sign-in failed, or nobody could be asked (`retryable`; the state stays `unknown`).
 */
export async function findOut(parts: Parts, returned: (appState: unknown) => void): Promise<AuthState> {
  const { platform, settings, holder, logins, silent } = parts
  if (silent?.relay(platform, settings) === true) return holder.state
  logins.purge()
  const outcome = await completeSignIn(parts)
  if (outcome.kind === 'signed-in') {
    returned(outcome.appState)
    return holder.state
  }
  const signedOut = cameFromSignOut(parts)
  try {
    await platform.locks.exclusive(sessionLock(settings), () => askAround(parts))
  } catch (error) {
    throw outcome.kind === 'failed' ? outcome.error : error
  }
  if (holder.current() !== null) return settle(parts, outcome)
  if (outcome.kind === 'stale' && logins.claimRestart()) {
    await leaveForSignIn(parts)
    return holder.state
  }
  holder.declareAnonymous(signedOut ? 'signed-out' : undefined)
  if (outcome.kind === 'stale') {
    throw new ProtocolError('state_mismatch', 'the address was the answer to a sign-in that is over: sign in again')
  }
  return settle(parts, outcome)
}

/** A failure is told even where a session exists already, unless asking again has just made up for it. */
function settle({ holder }: Parts, outcome: SignInOutcome): AuthState {
  const failed = outcome.kind === 'failed' ? outcome.error : undefined
  const madeUp = holder.current() !== null && failed instanceof ProtocolError && failed.retryable
  if (failed !== undefined && !madeUp) throw failed
  return holder.state
}

/** Other tabs first; the provider only when none of them knows. Tabs that open together ask it once. */
async function askAround(parts: Parts): Promise<void> {
  const { platform, holder, silent } = parts
  if (holder.current() === null) await catchUp(parts)
  if (holder.current() !== null || platform.runtime.now() - holder.askedAt() < askedRecentlySeconds) return
  const tokens = silent === undefined ? null : await silent.ask(parts, {})
  if (tokens === null) holder.noteAsked(platform.runtime.now())
  else await beginSession(parts, tokens, 'silent')
}

function cameFromSignOut({ platform, logins }: Parts): boolean {
  const here = platform.page.href()
  const state = new URL(here).searchParams.get('state')
  if (state === null || !logins.takeLogout(state)) return false
  platform.page.replaceAddress(withoutResponse(here))
  return true
}
