import type { SignInContext } from '@latchkey/provider'
import { html } from 'hono/html'
import { field, summary, waysOut } from './fields.ts'
import { textsFor } from './texts/index.ts'

/** What was wrong with the last attempt. */
export interface SignInProblem {
  readonly summary: string
  /** What to say beside each field. */
  readonly username?: string
  readonly password?: string
  /** 400 unless said otherwise. */
  readonly status?: number
}

/** Username and password. What was typed as a name stays; a problem takes the focus. */
export function signInPage(
  context: SignInContext,
  state: { username: string; problem: SignInProblem | null },
): Response {
  const { clientName, action, registerHref } = context
  const { username, problem } = state
  const texts = textsFor(context)
  const { title, to, button, register } = texts.signIn
  const focusName = problem === null && username === ''
  const faults = [['username', problem?.username] as const, ['password', problem?.password] as const]
  return context.page({
    title: problem === null ? `${title} · ${clientName}` : `${texts.error}: ${title} · ${clientName}`,
    status: problem === null ? 200 : (problem.status ?? 400),
    body: html`<div class="stack loose">
<h1>${to} <span class="asking">${clientName}</span></h1>
${problem === null ? null : summary(problem.summary, faults)}
<form class="stack" method="post" action="${action}" novalidate>
${field(
  {
    name: 'username',
    label: texts.username,
    type: 'text',
    error: problem?.username,
    attributes: html`autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" value="${username}"${focusName ? html` autofocus` : null}`,
  },
  texts,
)}
${field(
  {
    name: 'password',
    label: texts.password,
    type: 'password',
    error: problem?.password,
    attributes: html`autocomplete="current-password"${problem === null && !focusName ? html` autofocus` : null}`,
  },
  texts,
)}
<button class="primary full">${button}</button>
</form>
${waysOut(context, texts, registerHref === undefined ? null : { href: registerHref, label: register })}
</div>`,
  })
}
