import type { Runtime } from '@latchkey/protocol'
import type { SessionStore } from '../session-store/session-store.ts'

/** The right to renew one session's tokens, held against every other process. */
export interface Lease {
  commit(sealedTokens: string): Promise<'committed' | 'superseded' | 'gone'>
  /** Whether nobody took it over. */
  isHeld(): Promise<boolean>
  release(): Promise<void>
}

export interface LeaseParts {
  readonly hash: string
  readonly store: SessionStore
  readonly runtime: Runtime
  /** How long a crashed process keeps the others waiting. */
  readonly leaseSeconds: number
}

/** How soon a waiter looks where the store cannot call out to it; then less and less often, down to once a second. */
const pollSeconds = 0.1
const longestPollSeconds = 1

/** Waits its turn, however long the holder lives, and claims the newest version; null when the session is gone. */
export async function claimLease(parts: LeaseParts): Promise<Lease | null> {
  const { hash, store, runtime, leaseSeconds } = parts
  for (let pause = pollSeconds; ; pause = Math.min(pause * 1.5, longestPollSeconds)) {
    const row = await store.load(hash, runtime.now())
    if (row === null) return null
    const claim = await store.claimRefresh(hash, row.version, { now: runtime.now(), leaseSeconds })
    if (claim.outcome === 'gone') return null
    if (claim.outcome === 'claimed') return heldLease(parts, { fence: claim.fence, version: row.version })
    if (claim.outcome === 'busy') await change(parts, Math.min(pause, claim.leaseEndsAt - runtime.now()))
  }
}

function heldLease(
  { hash, store, runtime, leaseSeconds }: LeaseParts,
  claim: { fence: number; version: number },
): Lease {
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
      if (changed === hash) done()
    })
  })
}
