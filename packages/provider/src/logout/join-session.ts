import type { Parts } from '../parts.ts'
import type { SessionRecord } from '../store/store.ts'
import { sessionState } from './browser-state.ts'

interface Joining {
  readonly clientId: string
  readonly redirectUri: string
  readonly scope: readonly string[]
}

/**
 * Remembers that the client is signed in by this session, so that it is told of the end.
 * @returns what the authorization response says of the session
 * @spec Session Management §2; Back-Channel Logout §2.3
 */
export async function joinSession(
  parts: Parts,
  { clientId, redirectUri, scope }: Joining,
  session: SessionRecord,
): Promise<Readonly<Record<string, string>>> {
  await parts.store.sessions.noteClient(session.sid, clientId, session.expiresAt)
  const state = scope.includes('openid') ? sessionState(parts, { clientId, redirectUri }, session) : null
  return state === null ? {} : { session_state: state }
}
