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

/** The world as a page has it. With `systemRuntime`, the one file in which clock, generator, network and timers are named. */
export const pageRuntime: Runtime = {
  now: () => Date.now() / 1000,
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  fetch: (input, init) => globalThis.fetch(input, init),
  schedule(seconds, task) {
    const timer = setTimeout(task, Math.min(seconds * 1000, longestTimerMilliseconds))
    return () => clearTimeout(timer)
  },
}

/** The same for servers: randomness from a pool, and no timer keeps the process alive. */
export const systemRuntime: Runtime = {
  ...pageRuntime,
  randomBytes,
  schedule(seconds, task) {
    const timer: unknown = setTimeout(task, Math.min(seconds * 1000, longestTimerMilliseconds))
    if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
      timer.unref()
    }
    return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0])
  },
}
