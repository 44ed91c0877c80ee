import { html } from './html.ts'
import { page } from './page.ts'

/** Asks before it signs out, since whoever sent the browser here did not prove to speak for the person. */
export function confirmSignOutPage(options: {
  username: string
  clientName: string | undefined
  action: string
  fields: Readonly<Record<string, string>>
  basePath: string
  formTargets: readonly string[]
}): Response {
  const { username, clientName, action, fields, basePath, formTargets } = options
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return page({
    title: 'Sign out?',
    basePath,
    formTargets,
    body: html`<form class="stack loose" method="post" action="${action}">
${hidden}
<div class="stack tight">
<h1>Sign out?</h1>
<p>You are signed in as <strong>${username}</strong>.${clientName === undefined ? null : html` <strong>${clientName}</strong> asks to sign you out.`}</p>
<p class="small muted">Applications you opened with this sign-in lose their access. Close this page to stay signed in.</p>
</div>
<button class="primary full">Sign out</button>
</form>`,
  })
}

export function signedOutPage(basePath: string): Response {
  return page({
    title: 'You are signed out',
    basePath,
    body: html`<div class="stack tight">
<h1>You are signed out</h1>
<p class="lead">On a shared computer, close the browser’s window as well.</p>
</div>`,
  })
}
