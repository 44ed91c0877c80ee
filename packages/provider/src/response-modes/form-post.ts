import { html } from '../pages/html.ts'
import { page, redirectTargets } from '../pages/page.ts'
import type { ResponseMode } from './response-mode.ts'

/** A form that sends itself where JavaScript is on, and has a button where it is off. @spec OAuth Form Post Response Mode §2 */
export const formPost: ResponseMode = {
  name: 'form_post',
  send(redirectUri, parameters, basePath) {
    const fields = Object.entries(parameters).map(
      ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
    )
    return page({
      title: 'Back to the application',
      basePath,
      formTargets: redirectTargets(redirectUri),
      body: html`<form class="stack" method="post" action="${redirectUri}" data-sends-itself>
<h1>One moment</h1>
<p class="lead">You are on your way back to the application.</p>
${fields}
<button class="primary full">Continue</button>
</form>`,
    })
  },
}
