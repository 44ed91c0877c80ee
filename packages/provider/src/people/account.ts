import { Form } from '@latchkey/protocol'
import { beginInteraction } from '../authorization/begin-interaction.ts'
import { seeOther } from '../authorization/cookies.ts'
import { currentSession, formTokenOf, type Session } from '../authorization/session.ts'
import { constantTimeEqual, mac, sha256 } from '../crypto.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { isSameOrigin } from '../http/same-origin.ts'
import { errorPage } from '../pages/error-page.ts'
import { accountPath } from '../pages/take-back.ts'
import { type Locale, localeOf, textsOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import { accountPage } from './account-page.ts'
import { createPeopleControl, type PeopleControl } from './people-control.ts'
import { withdrawPage } from './withdraw-page.ts'

/** One request of a signed-in person. */
interface Asked {
  readonly parts: Parts
  readonly people: PeopleControl
  readonly session: Session
  readonly query: Form
  /** What was posted. */
  readonly form: Form
  readonly locale: Locale
  readonly path: string
  readonly requestId: string
}

type Step = (asked: Asked) => Promise<Response>

/** One line a step. */
const steps: Readonly<Record<string, Step>> = {
  'GET ': show,
  'GET /withdraw': confirmWithdrawal,
  'POST /withdraw': withdraw,
  'POST /sign-out': signOutThere,
  'POST /sign-out-others': signOutElsewhere,
}

/** Where people see what they have allowed and where they are signed in, and take it back. */
export function accountEndpoint(parts: Parts): Endpoint {
  const people = createPeopleControl(parts)
  return {
    path: accountPath,
    prefix: true,
    methods: ['GET', 'POST'],
    cors: 'none',
    audience: 'person',
    async handle(http) {
      const { request, path: requested, query } = http
      const below = requested.slice(accountPath.length)
      const path = parts.basePath + accountPath
      const session = await currentSession(parts, request)
      if (session === null || below === '/sign-in') return signIn(parts, http)
      const step = steps[`${request.method === 'HEAD' ? 'GET' : request.method} ${below}`]
      if (step === undefined) return seeOther(path)
      const params = Form.parse(query)
      const locale = localeOf(params.get('ui_locales'), request.headers.get('accept-language'))
      const form = request.method === 'POST' ? await readForm(request) : Form.of({})
      const asked = { parts, people, session, query: params, form, locale, path, requestId: http.requestId }
      if (request.method === 'POST' && !isOwnForm(asked, request)) return foreignForm(asked, http)
      return step(asked)
    },
  }
}

function signIn(parts: Parts, http: EndpointRequest): Promise<Response> {
  const { pageName } = textsOf(localeOf(undefined, http.request.headers.get('accept-language'))).account
  return beginInteraction(parts, http.request, {
    request: null,
    returnTo: parts.basePath + accountPath,
    label: { pageName },
  })
}

/** Of this very session, and sent from this very site. @spec RFC 6749 §10.12 */
function isOwnForm({ parts, session, form }: Asked, request: Request): boolean {
  if (!isSameOrigin(request, parts.issuer)) return false
  return constantTimeEqual(form.get('form_token') ?? '', formTokenOf(parts, session.record))
}

function foreignForm({ parts, locale, path }: Asked, http: EndpointRequest): Response {
  const { oldForm, title } = textsOf(locale).account
  return errorPage({
    status: 403,
    ...oldForm,
    next: { href: path, label: title },
    requestId: http.requestId,
    basePath: parts.basePath,
    locale,
  })
}

async function show(asked: Asked): Promise<Response> {
  const { parts, people, session, locale, path } = asked
  const { sub, username } = session.account
  const [access, sessions] = await Promise.all([people.accessOf(sub, locale), people.sessionsOf(sub)])
  const isHere = ({ sid }: { sid: string }) => sid === session.record.sid
  return accountPage({
    username,
    access,
    sessions: [...sessions.filter(isHere), ...sessions.filter((each) => !isHere(each))].map((each) => ({
      ...each,
      id: idOf(each.sid),
      isHere: isHere(each),
    })),
    notice: noticeOf(asked),
    path,
    formToken: formTokenOf(parts, session.record),
    providerHost: new URL(parts.issuer).host,
    now: parts.runtime.now(),
    basePath: parts.basePath,
    locale,
  })
}

async function confirmWithdrawal(asked: Asked): Promise<Response> {
  const { parts, people, session, query, locale, path } = asked
  const access = await people.accessOf(session.account.sub, locale)
  const held = access.find(({ clientId }) => clientId === query.get('client_id'))
  if (held === undefined) return seeOther(path)
  const formToken = formTokenOf(parts, session.record)
  return withdrawPage({ held, path, formToken, basePath: parts.basePath, locale })
}

async function withdraw(asked: Asked): Promise<Response> {
  const { people, session, query, locale, requestId } = asked
  const clientId = query.get('client_id') ?? ''
  const { sub } = session.account
  const name = (await people.accessOf(sub, locale)).find((held) => held.clientId === clientId)?.name ?? clientId
  const had = await people.withdrawAccess(sub, clientId, { requestId })
  return done(asked, had ? 'withdrawn' : 'nothing-there', name)
}

async function signOutThere(asked: Asked): Promise<Response> {
  const { people, session, form, requestId } = asked
  const { sub } = session.account
  const meant = (await people.sessionsOf(sub)).find(({ sid }) => idOf(sid) === form.get('session'))
  const ended = meant === undefined ? 0 : await people.endSessions(sub, { only: meant.sid }, { requestId })
  return done(asked, 'ended', String(ended))
}

async function signOutElsewhere(asked: Asked): Promise<Response> {
  const { people, session, requestId } = asked
  const ended = await people.endSessions(session.account.sub, { except: session.record.sid }, { requestId })
  return done(asked, 'ended-others', String(ended))
}

/** Names a session in a form without giving its id away. */
function idOf(sid: string): string {
  return sha256(`account page ${sid}`).slice(0, 22)
}

const notices: Readonly<Record<string, (value: string, locale: Locale) => string>> = {
  withdrawn: (name, locale) => textsOf(locale).account.withdrawn(name),
  'nothing-there': (name, locale) => textsOf(locale).account.nothingThere(name),
  ended: (count, locale) => textsOf(locale).account[count === '0' ? 'endedNone' : 'endedOne'],
  'ended-others': (count, locale) => {
    const words = textsOf(locale).account
    return count === '0' ? words.endedNone : words.endedOthers(Number(count))
  },
}

/** Back to the page, which says what was done; a reload does not do it again. */
function done(asked: Asked, what: string, value: string): Response {
  const query = new URLSearchParams({ done: what, of: value, proof: proofOf(asked, what, value) })
  return seeOther(`${asked.path}?${query}`)
}

/** Only this page can make an address that says something was done. */
function noticeOf(asked: Asked): string | null {
  const [what, value] = [asked.query.get('done') ?? '', asked.query.get('of') ?? '']
  if (!constantTimeEqual(asked.query.get('proof') ?? '', proofOf(asked, what, value))) return null
  return notices[what]?.(value, asked.locale) ?? null
}

function proofOf({ parts, session }: Asked, what: string, value: string): string {
  return mac(parts.formKey, `account ${JSON.stringify([session.record.hash, what, value])}`)
}
