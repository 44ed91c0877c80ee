import type { AuthPart } from '../auth-part.ts'
import { endSession } from '../parts.ts'
import { isRecord } from '../session.ts'

/**
 * Hears of sign-outs at the provider by the static page `frontchannel-logout.html`, which the provider loads in a frame.
 * Works where browsers let that frame share channels with this origin's tabs: on one site.
 * @spec Front-Channel Logout §3
 */
export function frontChannelLogout(): AuthPart {
  return {
    watch(parts) {
      const channel = parts.openChannel('latchkey:front-channel-logout', (message) => {
        const session = parts.holder.current()
        if (!isRecord(message) || message.type !== 'latchkey:front-channel-logout' || session === null) return
        const { iss, sid } = session.tokens.claims ?? {}
        // Anyone can frame that page: only who knows the session's id ends it.
        if (iss === undefined || sid === undefined || message.iss !== iss || message.sid !== sid) return
        void endSession(parts, session, 'signed-out-elsewhere')
      })
      return () => channel.close()
    },
  }
}
