import { newHandle, newId } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { reply } from './reply-to.ts'
import type { Session } from './session.ts'

/** Writes the authorization code and sends it to the client. @spec RFC 6749 §4.1.2; OIDC Core §3.1.2.5 */
export async function grantCode(
  parts: Parts,
  request: AuthorizationRequest,
  { session, requestId }: { session: Session; requestId: string },
): Promise<Response> {
  const { handle, hash } = newHandle(parts.runtime)
  const now = Math.floor(parts.runtime.now())
  const { sub, sid, authTime, acr, amr } = session.record
  const clientId = request.client.metadata.client_id
  await parts.store.codes.create({
    hash,
    grounds: {
      familyId: newId(parts.runtime),
      clientId,
      sub,
      scope: request.scope,
      resources: request.resources.map(({ identifier }) => identifier),
      sid,
      authTime,
      acr,
      amr,
      cnf: null,
    },
    redirectUri: request.replyTo.redirectUri,
    redirectUriGiven: request.replyTo.redirectUriGiven,
    nonce: request.nonce,
    codeChallenge: request.codeChallenge,
    createdAt: now,
    expiresAt: now + parts.lifetimes.authorization_code,
  })
  parts.emit({ type: 'authorization.granted', at: parts.runtime.now(), requestId, clientId, sub })
  return reply(parts, request.replyTo, { code: handle })
}
