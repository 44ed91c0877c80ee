import type { RegisteredClient } from '../config.ts'
import { newId } from '../crypto.ts'
import type { Parts } from '../parts.ts'

/** Seconds for which a client may accept a logout token; each attempt gets a fresh one. @spec Back-Channel Logout §2.4 */
const lifetimeSeconds = 120

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

export interface EndedSession {
  /** The person's own; the token names them as this client knows them. */
  readonly sub: string
  readonly sid: string
}

/** Tells one client that a session ended. Never with a `nonce`, so that it is no ID token. @spec Back-Channel Logout §2.4 */
export async function createLogoutToken(
  parts: Pick<Parts, 'issuer' | 'keys' | 'runtime' | 'subjects'>,
  { metadata }: RegisteredClient,
  { sub, sid }: EndedSession,
): Promise<string> {
  const now = Math.floor(parts.runtime.now())
  const claims = {
    iss: parts.issuer,
    sub: parts.subjects.of(metadata, sub),
    aud: metadata.client_id,
    iat: now,
    exp: now + lifetimeSeconds,
    jti: newId(parts.runtime),
    events: { [logoutEvent]: {} },
    sid,
  }
  const alg = metadata.id_token_signed_response_alg
  await parts.keys.ensure(alg)
  return parts.keys.sign(alg, claims, { typ: 'logout+jwt' })
}
