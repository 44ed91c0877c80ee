import { durationWords } from '../pages/duration-words.ts'
import { html } from '../pages/html.ts'
import { page } from '../pages/page.ts'
import { clientNameOf } from '../pending/approval-page.ts'
import type { PendingRequest } from '../pending/pending-request.ts'

export interface WaitingRow {
  readonly href: string
  readonly request: PendingRequest
  readonly message: string | null
  /** Until it is too late. */
  readonly seconds: number
}

/** What waits for a person, one below the other. */
export function waitingPage(options: {
  readonly rows: readonly WaitingRow[]
  readonly username: string
  readonly switchHref: string
  readonly basePath: string
}): Response {
  const { rows, username, switchHref } = options
  const items = rows.map(
    ({ href, request, message, seconds }) => html`<section class="stack tight">
<h2>${clientNameOf(request)}</h2>
${message === null ? null : html`<pre class="wrap">${message}</pre>`}
<p class="small muted">Waits for another ${durationWords(seconds)}</p>
<a class="button primary full" href="${href}">Look at it</a>
</section>`,
  )
  return page({
    title: 'Your approvals',
    basePath: options.basePath,
    body: html`<div class="stack loose">
<h1>${rows.length === 0 ? 'Nothing waits for you' : 'Somebody asks for you'}</h1>
${rows.length === 0 ? html`<p class="lead">When an application asks for your approval, it appears here. Open this page again then.</p>` : items}
<p class="who muted"><span>Signed in as <strong>${username}</strong></span><a href="${switchHref}">Not you?</a></p>
</div>`,
  })
}
