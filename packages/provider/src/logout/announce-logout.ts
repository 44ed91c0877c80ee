import type { RegisteredClient } from '../config.ts'
import { newId } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { LogoutDelivery, SessionRecord } from '../store/store.ts'

/** Seconds for which a client that does not answer is tried again. */
const triedForSeconds = 86_400

type Ended = Pick<SessionRecord, 'sid' | 'sub'>

/**
 * Tells every client that signed the person in by this session that it ended: logout tokens are queued, durably, and
 * sent from there. With `only`, that client alone is told. @returns what the sign-out page has to load for the clients that are told by the browser
 * @spec Back-Channel Logout §2.5; Front-Channel Logout §3
 */
export async function announceLogout(
  parts: Parts,
  ended: Ended,
  { only }: { readonly only?: string } = {},
): Promise<readonly string[]> {
  const told = await clientsToTell(parts, ended.sid, only)
  const deliveries = told.flatMap((client) => newDelivery(parts, client, ended))
  if (deliveries.length > 0) {
    await parts.store.logoutDeliveries.enqueue(deliveries)
    parts.logoutWork.announce()
  }
  return told.flatMap((client) => frameOf(parts.issuer, client, ended.sid))
}

async function clientsToTell(parts: Parts, sid: string, only?: string): Promise<readonly RegisteredClient[]> {
  const noted = await parts.store.sessions.clientsOf(sid)
  const clientIds = only === undefined ? noted : noted.filter((clientId) => clientId === only)
  const clients = await Promise.all(clientIds.map((clientId) => parts.clients.find(clientId)))
  return clients.filter((client) => client !== null)
}

function newDelivery({ runtime }: Parts, { metadata }: RegisteredClient, { sub, sid }: Ended): LogoutDelivery[] {
  if (metadata.backchannel_logout_uri === undefined) return []
  const now = Math.floor(runtime.now())
  const clientId = metadata.client_id
  const id = newId(runtime)
  const times = { attempts: 0, nextAttemptAt: now, expiresAt: now + triedForSeconds }
  return [{ id, clientId, sub, sid, ping: null, ...times }]
}

/** The client's address with issuer and session, both or none. @spec Front-Channel Logout §2 */
function frameOf(issuer: string, { metadata }: RegisteredClient, sid: string): string[] {
  const { frontchannel_logout_uri: uri, frontchannel_logout_session_required: named } = metadata
  if (uri === undefined) return []
  if (!named) return [uri]
  const separator = uri.includes('?') ? (/[?&]$/.test(uri) ? '' : '&') : '?'
  return [`${uri}${separator}iss=${encodeURIComponent(issuer)}&sid=${encodeURIComponent(sid)}`]
}
