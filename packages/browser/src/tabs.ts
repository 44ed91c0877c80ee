import { encodeBase64url } from '@latchkey/protocol'
import type { Platform } from './platform/platform.ts'
import { type EndReason, isSession, type Session } from './session.ts'
import type { SessionHolder } from './session-holder.ts'
import { within } from './within.ts'

/** The other tabs of this origin that hold the same configuration. */
export interface Tabs {
  /** Tells every other tab what this one knows now, and this session, by default its own. */
  tell(session?: Session | null): unknown
  /** The person has just signed out here; `tell` tells it. */
  signedOut(): void
  /**
   * Resolves when every live tab has told what it knows, or after a quarter of a second; the holder has adopted the newest.
   * Messages and locks are not ordered across processes: having the lock does not mean having heard of the last renewal.
   */
  catchUp(): Promise<unknown>
  close(): void
}

/** What a tab knows; `answers` names the question that it was asked. */
interface News {
  readonly from: string
  readonly answers?: string | undefined
  /** Left out, with `askedAt`, by a tab that shares none. */
  readonly session?: Session | null
  readonly over: readonly (readonly [family: string, reason: EndReason])[]
  /** When the person last signed out, and when the provider last knew nobody; epoch seconds, 0 for never. */
  readonly signedOutAt: number
  readonly askedAt?: number
}

export interface TabsOptions {
  readonly platform: Platform
  /** Names the configuration; tabs with the same name share a session. */
  readonly name: string
  readonly holder: SessionHolder
  /** False where another tab could do nothing with this one's tokens; the end of a session is still told. */
  readonly shares: boolean
}

export function openTabs({ platform, name, holder, shares }: TabsOptions): Tabs {
  const { runtime, locks } = platform
  const newId = () => encodeBase64url(runtime.randomBytes(9))
  const prefix = `${name}:tab:`
  const own = prefix + newId()
  /** Who waits for answers to which question. */
  const waiting = new Map<string | undefined, (from: string) => void>()
  let signedOutAt = 0
  let leave: (() => void) | undefined = locks.hold(own)
  let isClosed = false
  /** Tabs with another version of these messages, after a new deployment, keep to themselves. */
  const version = 2
  const channel = platform.openChannel(`${name}:${version}`, (message) => {
    const heard: News & { readonly question?: string } = Object(message)
    if (isClosed) return
    if (heard.question) tell(undefined, heard.question)
    else hear(heard)
  })

  function tell(session = holder.current(), answers?: string): void {
    const over = [...holder.over].filter(([, reason]) => reason !== 'left') as [string, EndReason][]
    const shared = shares && { session, askedAt: holder.askedAt }
    channel.postMessage({ from: own, answers, over, signedOutAt, ...shared } satisfies News)
  }

  /** Signing out is of the person, not of one family: a sign-in of before that this tab hears of only now ends with it. */
  function hear({ from, answers, session, over = [], askedAt = 0, ...at }: News): void {
    /** What signing out in one tab is to the others. */
    const elsewhere = 'signed-out-elsewhere'
    for (const [family, reason] of over) holder.end(family, reason === 'signed-out' ? elsewhere : reason)
    const isNews = at.signedOutAt > signedOutAt
    if (isNews) signedOutAt = at.signedOutAt
    if (askedAt > holder.askedAt) holder.askedAt = askedAt
    /** How long a message from before a sign-out may still be on its way, in seconds. */
    const lateMessageSeconds = 5
    const isLate = (isNews && !shares) || Math.abs(runtime.now() - signedOutAt) < lateMessageSeconds
    for (const one of [holder.current(), session].filter(isSession)) {
      if (isLate && one.startedAt <= signedOutAt) holder.end(one.family, elsewhere)
      else holder.adopt(one)
    }
    waiting.get(answers)?.(from)
  }

  // With a held lock a page does not last in the back-forward cache: let go when leaving, take it again on return. Except
  // where a session has ended: nobody who goes back is shown what that page shows.
  const unwatch = platform.onLifecycle((event) => {
    if (event === 'resume') leave ??= locks.hold(own)
    else if (holder.current() || !holder.over.size) letGo()
  })
  function letGo(): void {
    leave?.()
    leave = undefined
  }

  return {
    tell,
    signedOut() {
      signedOutAt = runtime.now()
    },
    async catchUp() {
      const held = await locks.held()
      // Null where the platform cannot tell: then the whole window is waited for.
      const others = held && new Set(held.filter((lock) => lock.startsWith(prefix) && lock !== own))
      if (others?.size === 0) return
      const question = newId()
      /** How long a live tab has to answer, in seconds; a frozen one does not. */
      const answerWindowSeconds = 0.25
      await within(runtime, answerWindowSeconds, ({ end }) => {
        waiting.set(question, (from) => {
          if (others?.delete(from) && others.size === 0) end()
        })
        channel.postMessage({ question })
        return () => waiting.delete(question)
      })
    },
    close() {
      unwatch()
      letGo()
      isClosed = true
      /** Longer than any request of a renewal, in seconds. */
      const closingSeconds = 60
      // A renewal that is under way still has to tell the others.
      runtime.schedule(holder.current() ? closingSeconds : 0, () => channel.close())
    },
  }
}
