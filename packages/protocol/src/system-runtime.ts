import type { Runtime } from './runtime.ts'

const longestTimerMilliseconds = 2 ** 31 - 1
const poolLength = 4096
const longestPooled = 256
let pool: Uint8Array | null = null
let used = 0

function pooledBytes(length: number): Uint8Array {
  if (length > longestPooled) return pageRuntime.randomBytes(length)
  if (pool === null || used + length > poolLength) {
    pool = pageRuntime.randomBytes(poolLength)
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
  fetch: (input, init) => fetch(input, init),
  schedule(seconds, task) {
    const timer = setTimeout(task, Math.min(seconds * 1000, longestTimerMilliseconds))
    return () => clearTimeout(timer)
  },
}

/** The same for servers: randomness from a pool, and no timer keeps the process alive. Leaves no trace in a page's bundle. */
export const systemRuntime: Runtime = {
  now: () => pageRuntime.now(),
  randomBytes: pooledBytes,
  fetch: (input, init) => pageRuntime.fetch(input, init),
  schedule(seconds, task) {
    const timer: unknown = setTimeout(task, Math.min(Math.max(0, seconds * 1000), longestTimerMilliseconds))
    if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function') {
      timer.unref()
    }
    return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0])
  },
}
