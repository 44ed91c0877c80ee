import { Form } from '@latchkey/protocol'
import { beginInteraction } from '../authorization/begin-interaction.ts'
import { seeOther } from '../authorization/cookies.ts'
import { scopeAsked } from '../authorization/permissions.ts'
import { currentSession, type Session } from '../authorization/session.ts'
import { constantTimeEqual } from '../crypto.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { accountHrefOf } from '../pages/take-back.ts'
import { type Locale, localeOf, textsOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import { approvalPage, decidedPage } from '../pending/approval-page.ts'
import { type AttemptLimit, takeAttempt } from '../pending/attempts.ts'
import {
  approvalToken,
  decidePending,
  detailsInWords,
  type PendingRequest,
  pendingRequestOf,
  tellOfDecision,
} from '../pending/pending-request.ts'
import type { PendingGrantRecord } from '../store/store.ts'
import { type CodeProblem, codePage } from './code-page.ts'
import { verificationPath } from './device-authorization.ts'
import { canonicalUserCode, formatUserCode, userCodeLookup } from './user-code.ts'

/**
 * A code is looked up for signed-in people alone, and each of them has few attempts: 34.6 bits cannot be guessed so.
 * @spec RFC 8628 §5.1
 */
const attempts: AttemptLimit = { most: 10, windowSeconds: 600 }

const confirmPath = `${verificationPath}/confirm`
const signInPath = `${verificationPath}/sign-in`

type Step = (parts: Parts, http: EndpointRequest, form: Form) => Promise<Response>

/** One line a step. */
const steps: Readonly<Record<string, Step>> = {
  [`GET ${verificationPath}`]: enter,
  [`POST ${verificationPath}`]: submit,
  [`GET ${confirmPath}`]: confirm,
  [`POST ${confirmPath}`]: decide,
  [`GET ${signInPath}`]: signIn,
}

/** The pages on which a person connects a device: code, sign-in, confirmation. @spec RFC 8628 §3.3 */
export function verificationEndpoint(parts: Parts): Endpoint {
  return {
    path: verificationPath,
    prefix: true,
    methods: ['GET', 'POST'],
    cors: 'none',
    audience: 'person',
    async handle(http) {
      const { method } = http.request
      const step = steps[`${method === 'HEAD' ? 'GET' : method} ${http.path}`]
      if (step === undefined) return seeOther(parts.basePath + verificationPath)
      return step(parts, http, method === 'POST' ? await readForm(http.request) : Form.parse(http.query))
    },
  }
}

async function enter(parts: Parts, http: EndpointRequest, form: Form): Promise<Response> {
  const code = canonicalUserCode(form.get('user_code') ?? '')
  return draw(parts, http, { userCode: code === null ? '' : formatUserCode(code), problem: null })
}

async function submit(parts: Parts, http: EndpointRequest, form: Form): Promise<Response> {
  const typed = form.get('user_code') ?? ''
  const code = canonicalUserCode(typed)
  if (code === null) {
    const { missing, malformed } = textsOf(localeFor(http)).device
    const problem = { summary: typed === '' ? missing : malformed, status: 400 }
    return draw(parts, http, { userCode: typed.slice(0, 40), problem })
  }
  return seeOther(confirmHref(parts, code))
}

function draw(
  { basePath }: Parts,
  http: EndpointRequest,
  drawn: { readonly userCode: string; readonly problem: CodeProblem | null },
): Response {
  return codePage({ ...drawn, action: basePath + verificationPath, basePath, locale: localeFor(http) })
}

function localeFor({ request }: EndpointRequest): Locale {
  return localeOf(undefined, request.headers.get('accept-language'))
}

function confirmHref(parts: Parts, code: string): string {
  return `${parts.basePath}${confirmPath}?user_code=${formatUserCode(code)}`
}

interface Opened {
  readonly code: string
  readonly session: Session
  readonly record: PendingGrantRecord
  readonly request: PendingRequest
  /** Whether it comes from the page that asked this very person for this very code. */
  readonly isOwnForm: boolean
}

/** The waiting request that the code names, for a person who is signed in; else what to do first. */
async function open(parts: Parts, http: EndpointRequest, form: Form): Promise<Opened | Response> {
  const code = canonicalUserCode(form.get('user_code') ?? '')
  if (code === null) return seeOther(parts.basePath + verificationPath)
  const session = await currentSession(parts, http.request)
  if (session === null) return beginSignIn(parts, http, code)
  const words = textsOf(localeFor(http)).device
  const isOwnForm = constantTimeEqual(form.get('form_token') ?? '', approvalToken(parts, session, code))
  if (!isOwnForm && !(await takeAttempt(parts, `user code ${session.account.sub}`, attempts))) {
    return draw(parts, http, { userCode: '', problem: { summary: words.tooMany, status: 429 } })
  }
  const record = await parts.store.pendingGrants.findByLookup(userCodeLookup(parts, code), parts.runtime.now())
  const request = record?.kind === 'device' ? await pendingRequestOf(parts, record) : null
  if (record === null || request === null) {
    return draw(parts, http, { userCode: formatUserCode(code), problem: { summary: words.unknown, status: 400 } })
  }
  return { code, session, record, request, isOwnForm }
}

async function confirm(parts: Parts, http: EndpointRequest, form: Form): Promise<Response> {
  const opened = await open(parts, http, form)
  return opened instanceof Response ? opened : ask(parts, http, opened)
}

function ask(parts: Parts, http: EndpointRequest, { code, session, request }: Opened): Response {
  const userCode = formatUserCode(code)
  const locale = localeFor(http)
  const words = textsOf(locale).device
  return approvalPage({
    request,
    username: session.account.username,
    providerHost: new URL(parts.issuer).host,
    compare: { label: words.compare, text: userCode },
    warning: words.warning,
    details: detailsInWords(parts, request),
    locale,
    action: parts.basePath + confirmPath,
    fields: { user_code: userCode, form_token: approvalToken(parts, session, code) },
    switchHref: `${parts.basePath}${signInPath}?user_code=${userCode}`,
    accountHref: accountHrefOf(parts),
    scope: scopeAsked(parts, request),
    basePath: parts.basePath,
  })
}

async function decide(parts: Parts, http: EndpointRequest, form: Form): Promise<Response> {
  const opened = await open(parts, http, form)
  if (opened instanceof Response) return opened
  const { session, record, request, code, isOwnForm } = opened
  const decision = form.get('decision')
  if (!isOwnForm || (decision !== 'allow' && decision !== 'deny')) return ask(parts, http, opened)
  const allow = decision === 'allow'
  if (!(await decidePending(parts, record, { request, session, allow }))) {
    const problem = { summary: textsOf(localeFor(http)).device.used, status: 410 }
    return draw(parts, http, { userCode: formatUserCode(code), problem })
  }
  const { requestId } = http
  const clientId = record.clientId
  tellOfDecision(parts, { allow, requestId, clientId, sub: session.account.sub })
  return decidedPage({ allowed: allow, basePath: parts.basePath, locale: localeFor(http) })
}

async function signIn(parts: Parts, http: EndpointRequest, form: Form): Promise<Response> {
  const code = canonicalUserCode(form.get('user_code') ?? '')
  return code === null ? seeOther(parts.basePath + verificationPath) : beginSignIn(parts, http, code)
}

function beginSignIn(parts: Parts, http: EndpointRequest, code: string): Promise<Response> {
  const returnTo = confirmHref(parts, code)
  const { pageName } = textsOf(localeFor(http)).device
  return beginInteraction(parts, http.request, { request: null, returnTo, label: { pageName } })
}
