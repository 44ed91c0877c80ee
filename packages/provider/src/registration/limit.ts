import { OAuthError } from '@latchkey/protocol'
import type { Parts } from '../parts.ts'

const hour = 3600

/**
 * Takes one of this hour's places, which all nodes share: the store lets each place be taken once.
 * @throws OAuthError `temporarily_unavailable` when none is left
 */
export function createRegistrationLimit(
  { store, runtime }: Pick<Parts, 'store' | 'runtime'>,
  perHour: number,
): () => Promise<void> {
  let current = -1
  let next = 0
  return async () => {
    const now = runtime.now()
    const window = Math.floor(now / hour)
    if (window !== current) {
      current = window
      next = 0
    }
    const endsAt = (window + 1) * hour
    while (next < perHour) {
      const place = next++
      if (await store.replays.remember(`registration ${window} ${place}`, endsAt, now)) return
    }
    const retryAfterSeconds = endsAt - now
    throw new OAuthError('temporarily_unavailable', 'too many clients registered within the hour', {
      retryAfterSeconds,
    })
  }
}
