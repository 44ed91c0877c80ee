import type { AuthPart } from '../auth-part.ts'
import { answerOfFrame } from '../callback-message.ts'
import { endSession, type Parts } from '../parts.ts'
import { isRecord } from '../session.ts'
import { beginSignIn } from '../sign-in.ts'

export interface SessionMonitorOptions {
  /** Default 60. */
  readonly everySeconds?: number
}

/**
 * Notices that the person has signed out, or somebody else has signed in, at the provider: asks in a hidden frame, one
 * tab for all, at intervals and when a page is shown again. A no counts only after a yes in the same page: where browsers
 * keep the provider's cookies out of frames every answer is no, and nobody is signed out for that.
 * @spec OIDC Core §3.1.2.1 prompt=none, id_token_hint
 */
export function sessionMonitor({ everySeconds = 60 }: SessionMonitorOptions = {}): AuthPart {
  return { watch: (parts) => watchSession(parts, everySeconds) }
}

function watchSession(parts: Parts, everySeconds: number): () => void {
  const { runtime, settings, holder, locks } = parts
  const name = `${settings.name}:monitor`
  let sawYes = false
  // A page that has just opened need not ask at once: whoever is there was found out a moment ago.
  let checkedAt = runtime.now() - everySeconds / 2
  let cancel = () => {}
  const channel = parts.openChannel(name, (message) => {
    if (!isRecord(message) || typeof message.checkedAt !== 'number') return
    checkedAt = Math.max(checkedAt, message.checkedAt)
    sawYes ||= message.yes === true
    plan()
  })

  function plan(): void {
    cancel()
    if (holder.current() === null) return
    cancel = runtime.schedule(Math.max(0, checkedAt + everySeconds - runtime.now()), () => void check())
  }
  async function check(): Promise<void> {
    await locks.exclusive(name, async () => {
      const session = holder.current()
      if (session === null || runtime.now() - checkedAt < everySeconds) return
      checkedAt = runtime.now()
      const answer = await stillThere(parts, session.tokens.idToken).catch(() => 'unknown' as const)
      sawYes ||= answer === 'yes'
      channel.postMessage({ checkedAt, yes: answer === 'yes' })
      if (answer !== 'no' || !sawYes || holder.current()?.family !== session.family) return
      parts.emit({ type: 'session-changed' })
      await endSession(parts, session, 'signed-out-elsewhere')
    })
    plan()
  }
  const unsubscribe = holder.subscribe(plan)
  const unwatch = parts.onLifecycle((event) => event === 'resume' && plan())
  plan()
  return () => {
    cancel()
    unsubscribe()
    unwatch()
    channel.close()
  }
}

/**
 * The code of a yes is left to expire: nothing is kept of it. How fresh or strong the sign-in was to be is not asked again: a
 * session may grow old.
 */
async function stillThere(parts: Parts, idToken: string | null): Promise<'yes' | 'no' | 'unknown'> {
  const { silentRedirectUri: redirectUri } = parts.settings
  const { url, transaction } = await beginSignIn(parts, {
    redirectUri,
    acrValues: [],
    maxAgeSeconds: null,
    prompt: 'none',
    extraParameters: idToken === null ? {} : { id_token_hint: idToken },
  })
  const answer = await answerOfFrame(parts, url, redirectUri)
  if (answer === undefined || answer.get('state') !== transaction.state) return 'unknown'
  if (answer.has('code')) return 'yes'
  return answer.get('error') === 'login_required' ? 'no' : 'unknown'
}
