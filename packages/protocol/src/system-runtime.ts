import type { Runtime } from './runtime.ts'

const longestTimerMilliseconds = 2 ** 31 - 1
const pool = new Uint8Array(4096)
let used = pool.length

function randomBytes(length: number): Uint8Array {
  if (length > 256) return crypto.getRandomValues(new Uint8Array(length))
  if (used + length > pool.length) {
    crypto.getRandomValues(pool)
    used = 0
  }
  const bytes = pool.slice(used, used + length)
  pool.fill(0, used, used + length)
  used += length
  return bytes
}

/** The real world. The one file in which the clock, the generator, the network and timers are named. */
export const systemRuntime: Runtime = {
  now: () => Date.now() / 1000,
  randomBytes,
  fetch: (input, init) => globalThis.fetch(input, init),
  schedule(seconds, task) {
    const timer: unknown = setTimeout(task, Math.min(Math.max(0, seconds * 1000), longestTimerMilliseconds))
    if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
      timer.unref()
    }
    return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0])
  },
}
