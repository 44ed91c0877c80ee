import type { Form } from '@latchkey/protocol'
import type { SignInContext } from '../accounts.ts'
import { page } from '../pages/page.ts'
import type { Parts } from '../parts.ts'
import { withCookies } from './cookies.ts'
import { askingName, formTargetsOf, type Interaction } from './interaction.ts'
import { startSession } from './session.ts'

/**
 * Draws the sign-in page (`form` null) or judges what was typed in it. Whoever signs in gets a new session, and
 * `next` goes on with it.
 */
export async function signInStep(
  parts: Parts,
  interaction: Interaction,
  { form, next }: { form: Form | null; next: (signedIn: Interaction) => Promise<Response> },
): Promise<Response> {
  const result = await parts.accounts.signIn(signInContext(parts, interaction), form)
  if (result.outcome === 'page') return result.response
  const account = await parts.accounts.find(result.sub)
  if (account === null) throw new Error('the account that signed in cannot be found')
  const { record, cookie } = await startSession(parts, { ...result, before: interaction.session })
  await parts.store.interactions.recordSignIn(interaction.hash, record.hash, parts.runtime.now())
  const { requestId } = interaction.http
  parts.emit({ type: 'session.started', at: parts.runtime.now(), requestId, sub: record.sub })
  const response = await next({ ...interaction, session: { record, account }, signedInHere: true })
  return withCookies(response, [cookie])
}

function signInContext(parts: Parts, { purpose, path }: Interaction): SignInContext {
  return {
    clientName: askingName(purpose),
    action: `${path}/sign-in`,
    loginHint: purpose.kind === 'page' ? undefined : purpose.form.get('login_hint'),
    cancelAction: purpose.kind === 'page' ? undefined : `${path}/cancel`,
    page: (options) => page({ ...options, basePath: parts.basePath, formTargets: formTargetsOf(purpose) }),
  }
}
