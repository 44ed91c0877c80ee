import { Form, OAuthError } from '@latchkey/protocol'
import { seeOther, withCookies } from '../authorization/cookies.ts'
import { currentSession, endSession, formTokenOf, type Session } from '../authorization/session.ts'
import { leaveTo, readSignOut, type SignOut } from '../authorization/sign-out.ts'
import { constantTimeEqual } from '../crypto.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { announceLogout } from '../logout/announce-logout.ts'
import { errorPage } from '../pages/error-page.ts'
import { redirectTargets } from '../pages/page.ts'
import { confirmSignOutPage, signedOutPage } from '../pages/sign-out-page.ts'
import { accountHrefOf } from '../pages/take-back.ts'
import { localeOf, textsOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'

const path = '/end-session'

/** Ends the session at the provider, at an application's wish or the person's own. @spec RP-Initiated Logout §2 */
export function endSessionEndpoint(parts: Parts): Endpoint {
  return {
    path,
    methods: ['GET', 'POST'],
    cors: 'none',
    audience: 'person',
    metadata: (url) => ({
      end_session_endpoint: url,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    }),
    handle: async (http) => {
      const form = http.request.method === 'POST' ? await readForm(http.request) : Form.parse(http.query)
      // A POST from another site comes without the session's cookie; as a GET it is asked again with it.
      if (http.request.method === 'POST' && !form.has('form_token')) return seeOther(`${endpointOf(parts)}?${form}`)
      const asked = await readAsked(parts, http, form)
      return asked instanceof Response ? asked : signOut(parts, http, { asked, form })
    },
  }
}

async function readAsked(parts: Parts, http: EndpointRequest, form: Form): Promise<SignOut | Response> {
  const acceptLanguage = http.request.headers.get('accept-language')
  try {
    return await readSignOut(parts, form, acceptLanguage)
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error
    const locale = localeOf(form.get('ui_locales'), acceptLanguage)
    const { errors, signOut: words } = textsOf(locale)
    return errorPage({
      status: error.status,
      ...errors.signOut,
      locale,
      detail: `${error.code}: ${error.description}`,
      next: { href: endpointOf(parts), label: words.button },
      requestId: http.requestId,
      basePath: parts.basePath,
    })
  }
}

async function signOut(
  parts: Parts,
  http: EndpointRequest,
  { asked, form }: { asked: SignOut; form: Form },
): Promise<Response> {
  const session = await currentSession(parts, http.request)
  if (session === null) {
    return goodbye(parts, asked, await endRemainsOf(parts, asked, http.requestId))
  }
  if (!isVouchedFor(asked, session) && !isConfirmed(parts, form, session)) return confirm(parts, asked, session)
  const { cookies, frames } = await endSession(parts, session, http.requestId)
  return withCookies(goodbye(parts, asked, frames), cookies)
}

/** Whether the application proves, by an ID token of this very session, that it speaks for the person. */
function isVouchedFor({ hint }: SignOut, { record }: Session): boolean {
  return hint !== null && (hint.sid === undefined ? hint.sub === record.sub : hint.sid === record.sid)
}

function isConfirmed(parts: Parts, form: Form, session: Session): boolean {
  return constantTimeEqual(form.get('form_token') ?? '', formTokenOf(parts, session.record))
}

/** The session is over already, or in another browser; what was given out in it ends too. */
async function endRemainsOf(parts: Parts, { hint }: SignOut, requestId: string): Promise<readonly string[]> {
  if (hint?.sid === undefined) return []
  const { sid, sub } = hint
  const at = parts.runtime.now()
  await parts.tellOf(
    () => parts.store.families.revokeSession({ sid, sub }, Math.floor(at)),
    (ended) => (ended.length === 0 ? [] : [{ type: 'session.ended', at, requestId, sub }]),
  )
  return announceLogout(parts, sid)
}

function goodbye(parts: Parts, asked: SignOut, frames: readonly string[]): Response {
  const href = leaveTo(asked)
  if (href !== null && frames.length === 0) return seeOther(href)
  const { client_name: name, client_id: id = '' } = asked.client?.metadata ?? {}
  return signedOutPage({
    basePath: parts.basePath,
    accountHref: accountHrefOf(parts),
    locale: asked.locale,
    frames,
    next: href === null ? null : { href, clientName: name ?? id },
  })
}

function confirm(parts: Parts, asked: SignOut, session: Session): Response {
  return confirmSignOutPage({
    accountHref: accountHrefOf(parts),
    username: session.account.username,
    clientName: asked.client?.metadata.client_name ?? asked.client?.metadata.client_id,
    action: endpointOf(parts),
    fields: { ...asked.fields, form_token: formTokenOf(parts, session.record) },
    basePath: parts.basePath,
    locale: asked.locale,
    formTargets: asked.redirectUri === null ? [] : redirectTargets(asked.redirectUri),
  })
}

function endpointOf({ basePath }: Parts): string {
  return `${basePath}${path}`
}
