import { html } from '../pages/html.ts'
import { page, redirectTargets } from '../pages/page.ts'
import { textsOf } from '../pages/texts/index.ts'
import type { ResponseMode } from './response-mode.ts'

/** A form that sends itself where JavaScript is on, and has a button where it is off. @spec OAuth Form Post Response Mode §2 */
export const formPost: ResponseMode = {
  name: 'form_post',
  visible: false,
  async send({ basePath }, { redirectUri, parameters, locale }) {
    const { back } = textsOf(locale)
    const fields = Object.entries(parameters).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
    )
    return page({
      title: back.title,
      basePath,
      locale,
      formTargets: redirectTargets(redirectUri),
      body: html`<form class="stack" method="post" action="${redirectUri}" data-sends-itself>
<h1>${back.heading}</h1>
<p class="lead">${back.says}</p>
${fields}
<button class="primary full">${back.button}</button>
</form>`,
    })
  },
}
