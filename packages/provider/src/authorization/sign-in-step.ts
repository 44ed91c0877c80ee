import type { Form } from '@latchkey/protocol'
import type { SignInContext, SignInResult } from '../accounts.ts'
import { logoOf } from '../pages/asking-application.ts'
import { html } from '../pages/html.ts'
import { page } from '../pages/page.ts'
import type { Parts } from '../parts.ts'
import { deviceOf } from '../people/device.ts'
import { checkSub } from '../subjects/subjects.ts'
import { withCookies } from './cookies.ts'
import {
  applicationOf,
  askingName,
  displayOf,
  formTargetsOf,
  type Interaction,
  type Purpose,
  requestOf,
} from './interaction.ts'
import { startSession } from './session.ts'

type Page = 'signIn' | 'register'

/**
 * Draws the sign-in page, or the one on which people make an account (`form` null), or judges what was typed in it.
 * Whoever signs in gets a new session, and `next` goes on with it.
 */
export async function signInStep(
  parts: Parts,
  interaction: Interaction,
  step: { page: Page; form: Form | null; next: (signedIn: Interaction) => Promise<Response> },
): Promise<Response> {
  const { accounts } = parts
  const context = signInContext(parts, interaction, step.page)
  const result = await (step.page === 'register' && accounts.register !== undefined
    ? accounts.register(context, step.form)
    : accounts.signIn(context, step.form))
  if (result.outcome === 'page') {
    if (result.failed !== undefined) tellOfFailure(parts, interaction, result.failed)
    return result.response
  }
  checkSub(result.sub)
  const account = await accounts.find(result.sub)
  if (account === null) throw new Error('the account that signed in cannot be found')
  const { record, cookies } = await startSession(
    parts,
    {
      ...result,
      before: interaction.session,
      device: deviceOf(interaction.http.request),
      requestId: interaction.http.requestId,
    },
    ({ hash }) => parts.store.interactions.recordSignIn(interaction.hash, hash, parts.runtime.now()),
  )
  const response = await step.next({ ...interaction, session: { record, account }, signedInHere: true })
  return withCookies(response, cookies)
}

function tellOfFailure(
  parts: Parts,
  { purpose, http }: Interaction,
  { sub, because }: NonNullable<(SignInResult & { outcome: 'page' })['failed']>,
): void {
  parts.emit({
    type: 'sign-in.failed',
    at: parts.runtime.now(),
    requestId: http.requestId,
    ...(purpose.kind === 'page' ? {} : { clientId: purpose.asker.client.metadata.client_id }),
    ...(sub === undefined ? {} : { sub }),
    detail: because,
  })
}

function signInContext(parts: Parts, { purpose, path }: Interaction, drawn: Page): SignInContext {
  const signInHref = `${path}/sign-in`
  const registerHref = `${path}/register`
  const locale = purpose.kind === 'page' ? purpose.locale : purpose.asker.locale
  return {
    locale,
    clientName: askingName(purpose),
    action: drawn === 'register' ? registerHref : signInHref,
    loginHint: purpose.kind === 'page' ? undefined : purpose.form.get('login_hint'),
    wantedContexts: purpose.kind === 'page' ? [] : wantedContexts(parts, purpose),
    registerHref: parts.accounts.register === undefined ? undefined : registerHref,
    signInHref,
    cancelAction: purpose.kind === 'page' ? undefined : `${path}/cancel`,
    page: ({ body, ...options }) => {
      const look = { ...applicationOf(purpose), display: displayOf(purpose), locale, basePath: parts.basePath }
      return page({ ...options, ...look, body: withLogo(look, body), formTargets: formTargetsOf(purpose) })
    },
  }
}

/** @spec OIDC Registration §2 (logo_uri) */
function withLogo({ application }: ReturnType<typeof applicationOf>, body: unknown): unknown {
  const logo = application === undefined ? null : logoOf(application)
  return logo === null ? body : html`${logo}${body}`
}

function wantedContexts(parts: Parts, purpose: Purpose & { kind: 'authorization' }): SignInContext['wantedContexts'] {
  const { values } = requestOf(parts, purpose).wantedContext
  return parts.acrValues.filter(({ value }) => values.includes(value))
}
