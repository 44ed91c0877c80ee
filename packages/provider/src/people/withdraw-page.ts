import { logoSources } from '../pages/asking-application.ts'
import { html } from '../pages/html.ts'
import { dayOf } from '../pages/instant-words.ts'
import { page } from '../pages/page.ts'
import { type Locale, textsOf } from '../pages/texts/index.ts'
import { applicationOf, party } from './account-page.ts'
import type { HeldAccess } from './people-control.ts'

/** Says what will happen, before it does. */
export function withdrawPage(options: {
  readonly held: HeldAccess
  readonly path: string
  readonly formToken: string
  readonly basePath: string
  readonly locale: Locale
}): Response {
  const { held, path, formToken, basePath, locale } = options
  const words = textsOf(locale).account
  const title = words.withdrawTitle(held.name)
  const since = html`<p class="host">${words.since} ${dayOf(held.since, locale)}</p>`
  return page({
    title,
    basePath,
    locale,
    pictures: logoSources(applicationOf(held)),
    body: html`<form class="stack loose" method="post" action="${path}/withdraw?client_id=${encodeURIComponent(held.clientId)}">
<input type="hidden" name="form_token" value="${formToken}">
${party(held, html`<h1>${title}</h1>`, since)}
<ul class="stack tight">${words.withdrawSays(held.name, held.wasAsked).map((says) => html`<li>${says}</li>`)}</ul>
<div class="stack tight"><button class="danger full">${words.withdraw}</button>
<a class="button full" href="${path}">${words.keep}</a></div>
</form>`,
  })
}
