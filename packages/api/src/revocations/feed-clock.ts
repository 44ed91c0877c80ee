import type { Runtime } from '@latchkey/protocol'

/** Turns instants of the provider's clock into ours. */
export interface FeedClock {
  ours(theirs: number): number
}

/**
 * The smallest difference seen on this connection is the clocks' own: what a message took longer than that, it
 * spent on the way, so that a heartbeat which was held up does not make an old feed look fresh.
 */
export function createFeedClock(runtime: Pick<Runtime, 'now'>): FeedClock {
  let difference = Number.POSITIVE_INFINITY
  return {
    ours(theirs) {
      const now = runtime.now()
      if (!Number.isFinite(theirs)) return Number.NEGATIVE_INFINITY
      difference = Math.min(difference, now - theirs)
      return Math.min(now, theirs + difference)
    },
  }
}
