import { Form } from '@latchkey/protocol'
import { beginInteraction } from '../authorization/begin-interaction.ts'
import { seeOther } from '../authorization/cookies.ts'
import { scopeAsked } from '../authorization/permissions.ts'
import { currentSession, type Session } from '../authorization/session.ts'
import { constantTimeEqual, sha256 } from '../crypto.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { accountHrefOf } from '../pages/take-back.ts'
import { type Locale, localeOf, textsOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import { approvalPage, decidedPage } from '../pending/approval-page.ts'
import {
  approvalToken,
  decidePending,
  detailsInWords,
  type PendingRequest,
  pendingRequestOf,
  tellOfDecision,
} from '../pending/pending-request.ts'
import type { PendingGrantRecord } from '../store/store.ts'
import { waitingPage } from './approval-list-page.ts'
import { approvalsPath } from './backchannel-authentication.ts'
import { queuePing } from './ping.ts'
import { waitingFor } from './waiting-requests.ts'

/** Where a signed-in person sees what waits for them, and decides. @spec CIBA Core §7.1, §7.3 */
export function approvalsEndpoint(parts: Parts): Endpoint {
  return {
    path: approvalsPath,
    prefix: true,
    methods: ['GET', 'POST'],
    cors: 'none',
    audience: 'person',
    async handle(http) {
      const session = await currentSession(parts, http.request)
      if (session === null || http.path === `${approvalsPath}/sign-in`) return signIn(parts, http)
      const id = http.path.slice(approvalsPath.length + 1)
      const form = http.request.method === 'POST' ? await readForm(http.request) : Form.of({})
      const locale = localeOf(undefined, http.request.headers.get('accept-language'))
      if (id === '') return list(parts, session, locale)
      const opened = await open(parts, session, id)
      if (opened === null) return seeOther(parts.basePath + approvalsPath)
      return http.request.method === 'POST'
        ? decide(parts, http, { ...opened, form, locale })
        : ask(parts, { ...opened, locale })
    },
  }
}

function signIn(parts: Parts, http: EndpointRequest): Promise<Response> {
  const returnTo = parts.basePath + approvalsPath
  const { pageName } = textsOf(localeOf(undefined, http.request.headers.get('accept-language'))).approvals
  return beginInteraction(parts, http.request, { request: null, returnTo, label: { pageName } })
}

interface Opened {
  readonly id: string
  readonly session: Session
  readonly record: PendingGrantRecord
  readonly request: PendingRequest
}

/** Names a request in an address without giving away anything that works elsewhere. */
function idOf(record: PendingGrantRecord): string {
  return sha256(record.hash).slice(0, 22)
}

/** Only among those that wait for this very person. */
async function open(parts: Parts, session: Session, id: string): Promise<Opened | null> {
  const record = (await waitingFor(parts, session.account.sub)).find((each) => idOf(each) === id)
  const request = record === undefined ? null : await pendingRequestOf(parts, record)
  return record === undefined || request === null ? null : { id, session, record, request }
}

async function list(parts: Parts, session: Session, locale: Locale): Promise<Response> {
  const now = parts.runtime.now()
  const rows = await Promise.all(
    (await waitingFor(parts, session.account.sub)).map(async (record) => {
      const request = await pendingRequestOf(parts, record)
      const href = `${parts.basePath}${approvalsPath}/${idOf(record)}`
      return request === null ? [] : { href, request, message: messageOf(record), seconds: record.expiresAt - now }
    }),
  )
  const switchHref = `${parts.basePath}${approvalsPath}/sign-in`
  const { username } = session.account
  return waitingPage({ rows: rows.flat(), username, switchHref, basePath: parts.basePath, locale })
}

function messageOf({ request }: PendingGrantRecord): string | null {
  return typeof request.bindingMessage === 'string' ? request.bindingMessage : null
}

function ask(parts: Parts, { id, session, record, request, locale }: Opened & { readonly locale: Locale }): Response {
  const words = textsOf(locale).approvals
  const message = messageOf(record)
  return approvalPage({
    request,
    username: session.account.username,
    providerHost: new URL(parts.issuer).host,
    compare: message === null ? null : { label: words.compare, text: message },
    warning: words.warning,
    details: detailsInWords(parts, request),
    locale,
    action: `${parts.basePath}${approvalsPath}/${id}`,
    fields: { form_token: approvalToken(parts, session, id) },
    switchHref: `${parts.basePath}${approvalsPath}/sign-in`,
    accountHref: accountHrefOf(parts),
    scope: scopeAsked(parts, request),
    basePath: parts.basePath,
  })
}

async function decide(
  parts: Parts,
  http: EndpointRequest,
  { form, ...opened }: Opened & { readonly form: Form; readonly locale: Locale },
): Promise<Response> {
  const { id, session, record, request, locale } = opened
  const decision = form.get('decision')
  const isOwnForm = constantTimeEqual(form.get('form_token') ?? '', approvalToken(parts, session, id))
  if (!isOwnForm || (decision !== 'allow' && decision !== 'deny')) return ask(parts, opened)
  const allow = decision === 'allow'
  const ping = await queuePing(parts, record)
  if (!(await decidePending(parts, record, { request, session, allow }))) {
    await ping?.drop()
    return seeOther(parts.basePath + approvalsPath)
  }
  await ping?.send()
  const { clientId } = record
  tellOfDecision(parts, { allow, requestId: http.requestId, clientId, sub: session.account.sub })
  return decidedPage({ allowed: allow, basePath: parts.basePath, locale })
}
