import { encodeBase64url } from '@latchkey/protocol'
import type { Channel, Platform } from './platform/platform.ts'
import { type EndReason, isRecord, isSession, type Session } from './session.ts'
import type { SessionHolder } from './session-holder.ts'

/** How long a live tab has to answer, in seconds; a frozen one does not. */
const answerWindowSeconds = 0.25
/** How long a message from before a sign-out may still be on its way, in seconds. */
const lateMessageSeconds = 5

/** The other tabs of this origin that hold the same configuration. */
export interface Tabs {
  /** Gives every other tab the session. */
  announce(session: Session): void
  /** Tells every other tab that the session is over. */
  announceEnd(family: string, reason: EndReason): void
  /**
   * Resolves when every live tab has told what it knows, or after a quarter of a second; the holder has adopted the newest.
   * Messages and locks are not ordered across processes: having the lock does not mean having heard of the last renewal.
   */
  catchUp(): Promise<void>
  close(): void
}

type Message =
  | { readonly type: 'session'; readonly session: Session }
  | { readonly type: 'ended'; readonly family: string; readonly reason: EndReason; readonly at: number }
  | { readonly type: 'newest?'; readonly from: string; readonly question: number }
  | {
      readonly type: 'newest'
      readonly to: string
      readonly from: string
      readonly question: number
      readonly session: Session | null
      readonly ended: readonly (readonly [string, EndReason])[]
      readonly askedAt: number
    }

interface Question {
  readonly number: number
  readonly heard: Set<string>
  changed(): void
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
  const id = encodeBase64url(runtime.randomBytes(9))
  const prefix = `${name}:tab:`
  const questions = new Set<Question>()
  let questionNumber = 0
  let signedOutAt = Number.NEGATIVE_INFINITY
  let leave = locks.hold(prefix + id)
  const channel: Channel = platform.openChannel(name, receive)
  const post = (message: Message) => channel.post(message)

  function receive(message: unknown): void {
    if (!isRecord(message)) return
    if (message.type === 'session' && isSession(message.session)) hearSession(message.session)
    if (message.type === 'ended') hearEnd(message)
    if (message.type === 'newest?') answer(message)
    if (message.type === 'newest' && message.to === id) hearAnswer(message)
  }

  /** Signing out is of the person, not of one family: a sign-in of before that this tab hears of only now ends with it. */
  function hearSession(session: Session): void {
    const late = session.startedAt <= signedOutAt && runtime.now() - signedOutAt < lateMessageSeconds
    if (late) holder.end(session.family, 'signed-out', false)
    else holder.adopt(session)
  }

  function hearEnd({ family, reason, at }: Readonly<Record<string, unknown>>): void {
    if (typeof family !== 'string' || !isEndReason(reason) || typeof at !== 'number') return
    holder.end(family, reason, false)
    if (reason !== 'signed-out') return
    signedOutAt = Math.max(signedOutAt, at)
    const current = holder.current()
    if (current !== null && !shares) holder.end(current.family, reason, false)
    else if (current !== null) hearSession(current)
  }

  function answer({ from, question }: Readonly<Record<string, unknown>>): void {
    if (typeof from !== 'string' || typeof question !== 'number') return
    const ended = [...holder.ended()]
    const session = shares ? holder.current() : null
    post({ type: 'newest', to: from, from: id, question, session, ended, askedAt: shares ? holder.askedAt() : 0 })
  }

  function hearAnswer(message: Readonly<Record<string, unknown>>): void {
    for (const pair of Array.isArray(message.ended) ? message.ended : []) {
      if (Array.isArray(pair) && typeof pair[0] === 'string' && isEndReason(pair[1]))
        holder.end(pair[0], pair[1], false)
    }
    if (isSession(message.session)) hearSession(message.session)
    if (typeof message.askedAt === 'number') holder.noteAsked(message.askedAt)
    for (const question of questions) {
      if (question.number !== message.question || typeof message.from !== 'string') continue
      question.heard.add(message.from)
      question.changed()
    }
  }

  /** The ids of the other live tabs; null where the platform cannot tell. */
  async function others(): Promise<readonly string[] | null> {
    const names = await locks.held()
    return names === null
      ? null
      : names.filter((held) => held.startsWith(prefix) && held !== prefix + id).map((held) => held.slice(prefix.length))
  }

  function ask(expected: readonly string[] | null): Promise<void> {
    return new Promise((resolve) => {
      const question: Question = {
        number: ++questionNumber,
        heard: new Set(),
        changed() {
          if (expected?.every((tab) => question.heard.has(tab)) === true) done()
        },
      }
      const cancel = runtime.schedule(answerWindowSeconds, done)
      function done(): void {
        cancel()
        questions.delete(question)
        resolve()
      }
      questions.add(question)
      post({ type: 'newest?', from: id, question: question.number })
    })
  }

  // A held lock keeps a page out of the back-forward cache: let go when leaving, take it again on return.
  let away = false
  const unwatch = platform.onLifecycle((event) => {
    if ((event === 'leave') === away) return
    away = !away
    if (away) leave()
    else leave = locks.hold(prefix + id)
  })

  return {
    announce: (session) => (shares ? post({ type: 'session', session }) : undefined),
    announceEnd(family, reason) {
      const at = runtime.now()
      if (reason === 'signed-out') signedOutAt = at
      post({ type: 'ended', family, reason, at })
    },
    async catchUp() {
      const expected = await others()
      if (expected === null || expected.length > 0) await ask(expected)
    },
    close() {
      unwatch()
      leave()
      channel.close()
    },
  }
}

function isEndReason(value: unknown): value is EndReason {
  return value === 'expired' || value === 'revoked' || value === 'signed-out' || value === 'signed-out-elsewhere'
}
