import type { Runtime } from '@latchkey/protocol'
import { type AccountStore, canonicalUsername } from './account-store.ts'
import { sha256 } from './crypto.ts'

/**
 * How many wrong passwords one name may have in how many seconds. Each limit waits longer than the one before, and the
 * longest is an hour: nobody can lock a person out for good by typing nonsense under their name.
 */
const limits = [
  { failures: 5, windowSeconds: 60 },
  { failures: 10, windowSeconds: 900 },
  { failures: 20, windowSeconds: 3600 },
] as const

export type Judgement<T> =
  | { readonly outcome: 'right'; readonly found: T }
  | { readonly outcome: 'wrong' }
  /** Not looked at, and not counted, so that waiting always ends. `seconds` is the longest it can take. */
  | { readonly outcome: 'wait'; readonly seconds: number }

export interface Attempts {
  /** Judges one attempt under a name unless too many went wrong; `check` resolves with null for a wrong one. */
  judge<T>(username: string, check: () => Promise<T | null>): Promise<Judgement<T>>
  /** Nothing is known of a name any more. */
  forget(username: string): Promise<void>
}

/** Counts per name, known or not, so that the answer does not tell which names exist. */
export function createAttempts(store: AccountStore, runtime: Pick<Runtime, 'now'>): Attempts {
  const inTurn = createTurns()

  async function judge<T>(name: string, check: () => Promise<T | null>): Promise<Judgement<T>> {
    const seconds = await waitOf(store, name, Math.floor(runtime.now()))
    if (seconds !== null) return { outcome: 'wait', seconds }
    const found = await check()
    const now = Math.floor(runtime.now())
    for (const { windowSeconds } of limits) {
      const key = keyOf(name, windowSeconds)
      await (found === null ? store.countFailure(key, { now, windowSeconds }) : store.clearFailures(key))
    }
    return found === null ? { outcome: 'wrong' } : { outcome: 'right', found }
  }

  return {
    judge: (username, check) => {
      const name = canonicalUsername(username)
      return inTurn(name, () => judge(name, check))
    },
    async forget(username) {
      const name = canonicalUsername(username)
      for (const { windowSeconds } of limits) await store.clearFailures(keyOf(name, windowSeconds))
    },
  }
}

async function waitOf(store: AccountStore, name: string, now: number): Promise<number | null> {
  for (const { failures, windowSeconds } of [...limits].reverse()) {
    const before = await store.failures(keyOf(name, windowSeconds), { now, windowSeconds })
    if (before >= failures) return windowSeconds
  }
  return null
}

/** Hashed, since people type passwords into the field for the name. */
function keyOf(name: string, windowSeconds: number): string {
  return `sign-in ${windowSeconds} ${sha256(name)}`
}

/** One attempt after the other under one name: many at once cannot slip past a limit together. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>()
  return async <T>(name: string, task: () => Promise<T>): Promise<T> => {
    const turn = (last.get(name) ?? Promise.resolve()).then(task, task)
    last.set(name, turn)
    try {
      return await turn
    } finally {
      if (last.get(name) === turn) last.delete(name)
    }
  }
}
