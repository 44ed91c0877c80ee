import { ProtocolError, type Runtime } from '@latchkey/protocol'
import type { BffEvent } from '../events.ts'
import type { RefreshHolder, SessionStore } from '../session-store/session-store.ts'

/** The right to renew one session's tokens, held against every other process. */
export interface Lease {
  /**
   * Runs the request that uses the refresh token up. `work` calls `announce` right before each sending: from then on
   * nobody else uses the same token until the answer can no longer come.
   * @throws ProtocolError `unreachable` when the lease is lost before anything was sent, or when the time is over.
   */
  ask<T>(work: (announce: () => Promise<void>) => Promise<T>): Promise<T>
  commit(sealedTokens: string): Promise<'committed' | 'superseded' | 'gone'>
  /** Whether nobody took it over. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

export interface LeaseParts {
  readonly hash: string
  readonly store: SessionStore
  readonly runtime: Runtime
  /** How soon a holder that is silent and has asked nobody is taken for dead. */
  readonly leaseSeconds: number
  /** How long the provider may take to answer. */
  readonly requestSeconds: number
  /** For how long the provider answers a second use of a refresh token with the same successor; 0 for not at all. */
  readonly graceSeconds: () => Promise<number>
  readonly emit?: (event: BffEvent) => void
}

/** How soon a waiter looks where the store cannot call out to it; then less and less often, down to once a second. */
const pollSeconds = 0.1
const longestPollSeconds = 1
/** What a sending may lag behind its announcement, and what the clocks of two machines may differ. */
const sendingSeconds = 3
const clockSeconds = 3

/** Waits its turn, however long the holder lives, and claims the newest version; null when the session is gone. */
export async function claimLease(parts: LeaseParts): Promise<Lease | null> {
  const { hash, store, runtime, leaseSeconds } = parts
  const since = runtime.now()
  let busy: RefreshHolder | null = null
  let instead: number | null = null
  for (let pause = pollSeconds; ; pause = Math.min(pause * 1.5, longestPollSeconds)) {
    const row = await store.load(hash, runtime.now())
    if (row === null) return null
    const at = { now: runtime.now(), leaseSeconds, ...(instead === null ? {} : { instead }) }
    const claim = await store.claimRefresh(hash, row.version, at)
    if (claim.outcome === 'gone') return null
    if (claim.outcome === 'claimed') {
      const silent = instead !== null || (busy?.fence === claim.fence - 1 && busy.leaseEndsAt <= at.now)
      if (busy !== null) parts.emit?.({ type: 'renewal_waited', session: hash, seconds: at.now - since })
      if (silent) parts.emit?.({ type: 'lease_taken_over', session: hash })
      return heldLease(parts, { fence: claim.fence, version: row.version })
    }
    instead = null
    if (claim.outcome === 'moved') continue
    busy = claim
    if (await mayTakeOver(parts, claim)) instead = claim.fence
    else await change(parts, Math.min(pause, untilItMayPass(claim, runtime.now())))
  }
}

/**
 * The store hands the right over by itself once the lease is over and nothing is under way. Sooner from a process that
 * has surely ended; but what it has sent may still be on its way, and reach the provider after ours. While a request may
 * be answered it is therefore repeated only where the provider gives the same successor again.
 */
async function mayTakeOver({ store, runtime, graceSeconds }: LeaseParts, held: RefreshHolder): Promise<boolean> {
  const { asked, leaseEndsAt } = held
  // A lease that is merely over is the store's to judge: what we read of it may be old.
  if (asked === null) return store.isGone(held.holder)
  if (runtime.now() + clockSeconds >= asked.at + (await graceSeconds())) return false
  return leaseEndsAt <= runtime.now() || (await store.isGone(held.holder))
}

/** Seconds until the lease, or else the time for the answer, is over. */
function untilItMayPass({ leaseEndsAt, asked }: RefreshHolder, now: number): number {
  const ends = [leaseEndsAt, asked?.answerBy ?? 0].map((end) => end - now).filter((seconds) => seconds > 0)
  return Math.min(...ends, longestPollSeconds)
}

function heldLease(parts: LeaseParts, claim: { fence: number; version: number }): Lease {
  const { hash, store, runtime, leaseSeconds } = parts
  let cancel = () => {}
  let freed = false
  const extend = () => store.renewLease(hash, claim.fence, { now: runtime.now(), leaseSeconds })
  const keep = () => {
    cancel = runtime.schedule(leaseSeconds / 3, () => {
      extend().then(
        (held) => (held && !freed ? keep() : undefined),
        () => (freed ? undefined : keep()),
      )
    })
  }
  keep()
  return {
    ask: (work) => askInTime(parts, claim.fence, work),
    async commit(sealedTokens) {
      const outcome = await store.commitTokens(hash, { sealedTokens, ...claim, now: runtime.now() })
      if (outcome === 'committed') freed = true
      return outcome
    },
    isHeld: extend,
    async release() {
      cancel()
      if (freed) return
      freed = true
      await store.releaseRefresh(hash, claim.fence)
    },
  }
}

/** Whoever asks gives up before the others may ask: each announcement gives the work its time anew. */
async function askInTime<T>(
  parts: LeaseParts,
  fence: number,
  work: (announce: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { runtime, requestSeconds } = parts
  const late = Promise.withResolvers<never>()
  let cancel = () => {}
  const announce = async () => {
    const announcedAt = await announced(parts, fence)
    cancel()
    cancel = runtime.schedule(announcedAt + sendingSeconds + requestSeconds - runtime.now(), () =>
      late.reject(unanswered(requestSeconds)),
    )
  }
  try {
    return await Promise.race([work(announce), late.promise])
  } finally {
    cancel()
  }
}

/** A process that stood still since it wrote the announcement writes it again: nothing was sent yet. */
async function announced({ hash, store, runtime, ...parts }: LeaseParts, fence: number): Promise<number> {
  for (;;) {
    const now = runtime.now()
    const answerBy = now + sendingSeconds + parts.requestSeconds + clockSeconds
    if (!(await store.announceRequest(hash, fence, { now, leaseSeconds: parts.leaseSeconds, answerBy }))) {
      throw takenOver()
    }
    if (runtime.now() < now + sendingSeconds) return now
  }
}

const overtaken = 'another process took the renewal over: try again'

export function isTakenOver(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === 'unreachable' && error.message === overtaken
}

export function takenOver(): ProtocolError {
  return new ProtocolError('unreachable', overtaken, {
    retryable: true,
    retryAfterSeconds: 1,
  })
}

function unanswered(seconds: number): ProtocolError {
  return new ProtocolError('unreachable', `the provider did not answer within ${seconds} seconds`, {
    retryable: true,
    retryAfterSeconds: 1,
  })
}

/** Until the session changes or `seconds` have passed. */
function change({ hash, store, runtime }: LeaseParts, seconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel()
      unsubscribe()
      resolve()
    }
    const cancel = runtime.schedule(Math.max(0, seconds), done)
    const unsubscribe = store.subscribe((changed) => {
      if (changed === hash || changed === null) done()
    })
  })
}
