import { durationWords } from '../pages/duration-words.ts'
import { html } from '../pages/html.ts'
import { page } from '../pages/page.ts'
import { type Locale, textsOf } from '../pages/texts/index.ts'
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
  readonly locale: Locale
}): Response {
  const { rows, username, switchHref, locale } = options
  const { approvals: words, consent } = textsOf(locale)
  const items = rows.map(
    ({ href, request, message, seconds }) => html`<section class="stack tight">
<h2>${clientNameOf(request)}</h2>
${message === null ? null : html`<pre class="wrap">${message}</pre>`}
<p class="small muted">${words.waits(durationWords(seconds, locale))}</p>
<a class="button primary full" href="${href}">${words.look}</a>
</section>`,
  )
  return page({
    title: words.title,
    basePath: options.basePath,
    locale,
    body: html`<div class="stack loose">
<h1>${rows.length === 0 ? words.none : words.some}</h1>
${rows.length === 0 ? html`<p class="lead">${words.noneSays}</p>` : items}
<p class="who muted"><span>${consent.signedInAs} <strong>${username}</strong></span><a href="${switchHref}">${consent.notYou}</a></p>
</div>`,
  })
}
