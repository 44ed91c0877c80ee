import { expect, test } from 'vitest'
import { movableRuntime } from '../test-issuer.ts'
import { createFeedClock } from './feed-clock.ts'

/** A connection begun now; the provider's clock is `ahead` of ours. */
function connection(ahead: number) {
  const runtime = movableRuntime()
  const beganAt = runtime.now()
  const clock = createFeedClock(runtime)
  return {
    /** How long after the beginning a message sent at `sent` counts, when it comes at `arrives`. */
    heard({ sent, arrives }: { sent: number; arrives: number }) {
      runtime.advance(beganAt + arrives - runtime.now())
      return clock.ours(beganAt + sent + ahead) - beganAt
    },
  }
}

test.each([0, 3600, -3600])(
  'with the provider’s clock %i s ahead a prompt message counts as sent when it came',
  (ahead) => {
    const { heard } = connection(ahead)
    expect(heard({ sent: 0, arrives: 0.1 })).toBeCloseTo(0.1)
    expect(heard({ sent: 5, arrives: 5.1 })).toBeCloseTo(5.1)
  },
)

test('a heartbeat that was held up does not make the feed look fresher than it is', () => {
  const { heard } = connection(40)
  heard({ sent: 0, arrives: 0.1 })
  expect(heard({ sent: 5, arrives: 25 })).toBeCloseTo(5.1)
})

test('when everything is held up from the first message on, nothing counts as newer than it can be shown to be', () => {
  const { heard } = connection(-7)
  expect(heard({ sent: 0, arrives: 14 })).toBe(0)
  expect(heard({ sent: 5, arrives: 19 })).toBe(5)
  // One that comes through says more of the clocks, but nothing that makes the feed younger.
  expect(heard({ sent: 10, arrives: 20 })).toBeLessThanOrEqual(10)
})

test('what is no instant counts as never', () => {
  const { heard } = connection(Number.NaN)
  expect(heard({ sent: 0, arrives: 1 })).toBe(Number.NEGATIVE_INFINITY)
})
