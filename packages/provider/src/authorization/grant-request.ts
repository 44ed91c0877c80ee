import { OAuthError } from '@latchkey/protocol'
import { newId } from '../crypto.ts'
import { joinSession } from '../logout/join-session.ts'
import type { Parts } from '../parts.ts'
import type { Granted } from '../response-types/response-type.ts'
import type { Grounds } from '../store/store.ts'
import { metContext } from './authentication-context.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { permissionsAsked } from './permissions.ts'
import { reply } from './reply-to.ts'
import type { Session } from './session.ts'

/** Issues what the request asked for, piece by piece, and sends it to the client. @spec RFC 6749 §4.1.2; OIDC Core §3 */
export async function grantRequest(
  parts: Parts,
  request: AuthorizationRequest,
  { session, requestId }: { session: Session; requestId: string },
): Promise<Response> {
  const grounds = groundsOf(parts, request, session)
  const granted = { request, account: session.account, grounds, requestId }
  const { clientId, sub, scope } = grounds
  const { redirectUri } = request.replyTo
  // Nothing of one is in the other, and both are written together.
  const [issued, joined] = await Promise.all([
    issueEach(parts, granted),
    joinSession(parts, { clientId, redirectUri, scope }, session.record),
  ])
  await refuseWithdrawn(parts, request, grounds)
  parts.emit({ type: 'authorization.granted', at: parts.runtime.now(), requestId, clientId, sub })
  return reply(parts, request, { ...issued, ...joined })
}

type Answer = Readonly<Record<string, string>>

async function issueEach(parts: Parts, granted: Granted): Promise<Answer> {
  let answer: Answer = {}
  for (const type of granted.request.types) answer = { ...answer, ...(await type.issue(parts, granted, answer)) }
  return answer
}

/**
 * Consent is looked at again once a code is there: whoever withdrew it just before has not ended what came after. Nothing
 * has left the provider yet.
 */
async function refuseWithdrawn(parts: Parts, request: AuthorizationRequest, grounds: Grounds): Promise<void> {
  if (!request.client.metadata.require_consent) return
  const { familyId, clientId, sub } = grounds
  const allowed = await parts.store.consents.find(sub, clientId)
  if (permissionsAsked(parts, request).every((entry) => allowed.includes(entry))) return
  const now = Math.floor(parts.runtime.now())
  const { authorization_code, access_token } = parts.lifetimes
  await parts.store.families.revoke(familyId, now, now + authorization_code + access_token)
  throw new OAuthError('access_denied', 'the person withdrew their consent meanwhile')
}

function groundsOf(parts: Parts, request: AuthorizationRequest, { record }: Session): Grounds {
  const { sub, sid, authTime, amr } = record
  const { claims, claimsLocales, authorizationDetails, dpopJkt } = request
  return {
    familyId: newId(parts.runtime),
    clientId: request.client.metadata.client_id,
    sub,
    scope: request.scope,
    resources: request.resources.map(({ identifier }) => identifier),
    sid,
    authTime,
    acr: metContext(parts, amr, request.wantedContext.values),
    amr,
    cnf: dpopJkt === null ? null : { jkt: dpopJkt },
    ...(claims === undefined ? {} : { claims }),
    ...(claimsLocales.length === 0 ? {} : { claimsLocales }),
    ...(authorizationDetails.length === 0 ? {} : { authorizationDetails }),
  }
}
