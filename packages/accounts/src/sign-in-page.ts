import type { SignInContext } from '@latchkey/provider'
import { html } from 'hono/html'

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
  const { clientName, action, cancelAction } = context
  const { username, problem } = state
  const focusName = problem === null && username === ''
  return context.page({
    title: problem === null ? `Sign in · ${clientName}` : `Error: Sign in · ${clientName}`,
    status: problem === null ? 200 : (problem.status ?? 400),
    body: html`<div class="stack loose">
<h1>Sign in to continue to <span class="asking">${clientName}</span></h1>
${problem === null ? null : summary(problem)}
<form class="stack" method="post" action="${action}" novalidate>
${field({
  name: 'username',
  label: 'Username',
  type: 'text',
  error: problem?.username,
  attributes: html`autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false" value="${username}"${focusName ? html` autofocus` : null}`,
})}
${field({
  name: 'password',
  label: 'Password',
  type: 'password',
  error: problem?.password,
  attributes: html`autocomplete="current-password"${problem === null && !focusName ? html` autofocus` : null}`,
})}
<button class="primary full">Sign in</button>
</form>
${cancelAction === undefined ? null : html`<form class="center" method="post" action="${cancelAction}"><button class="link">Cancel and go back</button></form>`}
</div>`,
  })
}

/** `autofocus` moves the focus without a script. */
function summary({ summary: text, username, password }: SignInProblem) {
  const links = [
    ['username', username],
    ['password', password],
  ].filter(([, says]) => says !== undefined)
  return html`<div class="notice bad" role="alert" tabindex="-1" autofocus>
<h2>${text}</h2>
${links.length === 0 ? null : html`<ul>${links.map(([name, says]) => html`<li><a href="#${name}">${says}</a></li>`)}</ul>`}
</div>`
}

interface Field {
  readonly name: 'username' | 'password'
  readonly label: string
  readonly type: string
  readonly error: string | undefined
  readonly attributes: unknown
}

function field({ name, label, type, error, attributes }: Field) {
  const invalid = error === undefined ? null : html` aria-invalid="true" aria-describedby="${name}-error"`
  const input = html`<input id="${name}" name="${name}" type="${type}" required ${attributes}${invalid}>`
  return html`<div class="field">
<label for="${name}">${label}</label>
${error === undefined ? null : html`<p class="error" id="${name}-error">${error}</p>`}
${name === 'password' ? html`<div class="with-button">${input}${reveal(name)}</div>` : input}
</div>`
}

/** Hidden until the page's script, which works it, shows it. */
function reveal(name: string) {
  return html`<button type="button" hidden data-reveals="${name}" data-hide="Hide" aria-pressed="false" aria-label="Show password">Show</button>`
}
