import { sha256 } from '../crypto.ts'
import type { Parts } from '../parts.ts'

/** How often something may be tried in how many seconds. */
export interface AttemptLimit {
  readonly most: number
  readonly windowSeconds: number
}

/** Takes one of the attempts that a key has in the current window; false when none is left. Every node counts together. */
export async function takeAttempt(
  { store, runtime }: Pick<Parts, 'store' | 'runtime'>,
  key: string,
  { most, windowSeconds }: AttemptLimit,
): Promise<boolean> {
  const now = Math.floor(runtime.now())
  const window = Math.floor(now / windowSeconds)
  const name = `attempt ${sha256(key)} ${window}`
  for (let attempt = 0; attempt < most; attempt++) {
    if (await store.replays.remember(`${name} ${attempt}`, (window + 1) * windowSeconds, now)) return true
  }
  return false
}
