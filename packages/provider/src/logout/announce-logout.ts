import type { RegisteredClient } from '../config.ts'
import type { Parts } from '../parts.ts'

/**
 * Has the logout tokens sent that the store queued as it ended a session.
 * @returns what the sign-out page has to load for the clients of that session that are told by the browser
 * @spec Back-Channel Logout §2.5; Front-Channel Logout §3
 */
export async function announceLogout(parts: Parts, sid: string): Promise<readonly string[]> {
  parts.logoutWork.announce()
  const noted = await parts.store.sessions.clientsOf(sid)
  const clients = await Promise.all(noted.map((clientId) => parts.clients.find(clientId)))
  return clients.flatMap((client) => (client === null ? [] : frameOf(parts.issuer, client, sid)))
}

/** The client's address with issuer and session, both or none. @spec Front-Channel Logout §2 */
function frameOf(issuer: string, { metadata }: RegisteredClient, sid: string): string[] {
  const { frontchannel_logout_uri: uri, frontchannel_logout_session_required: named } = metadata
  if (uri === undefined) return []
  if (!named) return [uri]
  const separator = uri.includes('?') ? (/[?&]$/.test(uri) ? '' : '&') : '?'
  return [`${uri}${separator}iss=${encodeURIComponent(issuer)}&sid=${encodeURIComponent(sid)}`]
}
