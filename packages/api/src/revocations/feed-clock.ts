import type { Runtime } from '@latchkey/protocol'

/** Turns instants of the provider's clock into ours. */
export interface FeedClock {
  ours(theirs: number): number
}

/** A first message that took no longer is taken for one that took no time. */
const promptSeconds = 2

/**
 * For one connection, made before it is asked for. The smallest difference seen on it is the clocks' own: what a message took
 * longer than that, it spent on the way, so that a heartbeat which was held up does not make an old feed look fresh. Of a
 * first message that is late nobody knows how long it was held up; it was sent after the connection began, and as nothing
 * newer it counts.
 */
export function createFeedClock(runtime: Pick<Runtime, 'now'>): FeedClock {
  const beganAt = runtime.now()
  let difference = Number.POSITIVE_INFINITY
  return {
    ours(theirs) {
      const now = runtime.now()
      if (!Number.isFinite(theirs)) return Number.NEGATIVE_INFINITY
      const isLateFirst = difference === Number.POSITIVE_INFINITY && now > beganAt + promptSeconds
      difference = Math.min(difference, (isLateFirst ? beganAt : now) - theirs)
      return Math.min(now, theirs + difference)
    },
  }
}
