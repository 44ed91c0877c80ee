import { OutboundError } from '../outbound/outbound.ts'
import type { Errand } from './errand.ts'
import { createLogoutToken } from './logout-token.ts'

const timeoutSeconds = 5

/** Hands a client the logout token of a session that ended, a fresh one each time. @spec Back-Channel Logout §2.5, §2.8 */
export const logoutErrand: Errand = {
  firstRetrySeconds: 5,
  longestRetrySeconds: 3600,
  async send(parts, client, delivery) {
    const { backchannel_logout_uri: uri } = client.metadata
    if (uri === undefined) return { outcome: 'moot' }
    try {
      const { status } = await parts.outbound.send(uri, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `logout_token=${await createLogoutToken(parts, client, delivery)}`,
        timeoutSeconds,
      })
      if (status === 200 || status === 204) return { outcome: 'done' }
      return { outcome: 'again', why: `the client answered with status ${status}` }
    } catch (error) {
      if (error instanceof OutboundError) return { outcome: 'again', why: `${error.reason}: ${error.message}` }
      throw error
    }
  },
  told({ outcome, why }) {
    if (outcome === 'done') return { type: 'logout.delivered' }
    return { type: 'logout.failed', detail: outcome === 'final' ? `${why}; given up` : String(why) }
  },
}
