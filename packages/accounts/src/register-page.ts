import type { SignInContext } from '@latchkey/provider'
import { html } from 'hono/html'
import { field, summary, waysOut } from './fields.ts'
import { textsFor } from './texts/index.ts'

export interface Typed {
  readonly username: string
  readonly name: string
  readonly email: string
}

export interface RegisterProblem {
  readonly summary: string
  readonly username?: string
  readonly email?: string
  readonly password?: string
  /** 400 unless said otherwise. */
  readonly status?: number
}

/** What it takes to make an account. What was typed stays, the password apart. @spec Initiating User Registration §4 */
export function registerPage(context: SignInContext, typed: Typed, problem: RegisterProblem | null): Response {
  const texts = textsFor(context)
  const { title, to, button, hint, signIn } = texts.register
  const { clientName, action, signInHref } = context
  const faults = (['username', 'email', 'password'] as const).map((name) => [name, problem?.[name]] as const)
  return context.page({
    title: problem === null ? `${title} · ${clientName}` : `${texts.error}: ${title} · ${clientName}`,
    status: problem === null ? 200 : (problem.status ?? 400),
    body: html`<div class="stack loose">
<h1>${to} <span class="asking">${clientName}</span></h1>
${problem === null ? null : summary(problem.summary, faults)}
<form class="stack" method="post" action="${action}" novalidate>
${fieldsOf(typed, problem).map((each) => field({ ...each, label: texts[each.label], ...(each.name === 'password' ? { hint } : {}) }, texts))}
<button class="primary full">${button}</button>
</form>
${waysOut(context, texts, { href: signInHref, label: signIn })}
</div>`,
  })
}

function fieldsOf({ username, name, email }: Typed, problem: RegisterProblem | null) {
  const focus = problem === null ? html` autofocus` : null
  return [
    {
      name: 'username',
      label: 'username',
      type: 'text',
      error: problem?.username,
      attributes: html`autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" value="${username}"${focus}`,
    },
    {
      name: 'name',
      label: 'name',
      type: 'text',
      optional: true,
      error: undefined,
      attributes: html`autocomplete="name" value="${name}"`,
    },
    {
      name: 'email',
      label: 'email',
      type: 'email',
      optional: true,
      error: problem?.email,
      attributes: html`autocomplete="email" inputmode="email" value="${email}"`,
    },
    {
      name: 'password',
      label: 'newPassword',
      type: 'password',
      error: problem?.password,
      attributes: html`autocomplete="new-password" minlength="8"`,
    },
  ] as const
}
