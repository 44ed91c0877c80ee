import type { Runtime } from '@latchkey/protocol'

export interface Faults {
  /** The same seed brings the same faults in the same order. */
  readonly seed: number
  /** Chances between 0 and 1 for each request. */
  readonly delay?: number
  /** The request arrives, its answer is lost: what a broken connection looks like. */
  readonly dropAnswer?: number
  /** The request never arrives. */
  readonly dropRequest?: number
  /** The request arrives twice, as after an eager retry on the way; the caller gets the second answer. */
  readonly duplicate?: number
  /** Longest delay in seconds, on `runtime`'s clock. */
  readonly longestDelay?: number
  readonly runtime: Pick<Runtime, 'schedule'>
}

/** What went wrong so far. */
export interface FaultCounts {
  delayed: number
  answersDropped: number
  requestsDropped: number
  duplicated: number
}

/** A fetch that fails as networks do. */
export function withFaults(
  fetch: Runtime['fetch'],
  faults: Faults,
): { readonly fetch: Runtime['fetch']; readonly counts: Readonly<FaultCounts> } {
  const chance = seededChance(faults.seed)
  const counts: FaultCounts = { delayed: 0, answersDropped: 0, requestsDropped: 0, duplicated: 0 }
  const happens = (probability: number | undefined) => chance() < (probability ?? 0)
  return {
    counts,
    async fetch(input, init) {
      // Every draw is made for every request, so that one fault does not shift the others.
      const [delay, noRequest, twice, noAnswer, share] = [
        happens(faults.delay),
        happens(faults.dropRequest),
        happens(faults.duplicate),
        happens(faults.dropAnswer),
        chance(),
      ]
      if (delay) {
        counts.delayed++
        await new Promise<void>((resolve) => faults.runtime.schedule(share * (faults.longestDelay ?? 1), resolve))
      }
      if (noRequest) {
        counts.requestsDropped++
        throw new TypeError('fetch failed: the request was lost')
      }
      const request = new Request(input, init)
      if (twice) {
        counts.duplicated++
        await fetch(request.clone())
      }
      const response = await fetch(request)
      if (!noAnswer) return response
      counts.answersDropped++
      throw new TypeError('fetch failed: the answer was lost')
    },
  }
}

/** Mulberry32: numbers in [0, 1) that only the seed decides. */
export function seededChance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
