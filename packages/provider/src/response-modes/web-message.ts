import { html } from '../pages/html.ts'
import { page } from '../pages/page.ts'
import { textsOf } from '../pages/texts/index.ts'
import type { ResponseMode } from './response-mode.ts'

/**
 * A page that hands the answer to the window that opened it, or to the page that frames it, and to no origin but the
 * redirect URI's. @spec OAuth Web Message Response Mode §4
 */
export const webMessage: ResponseMode = {
  name: 'web_message',
  visible: false,
  fits: (redirectUri) => /^https?:\/\//.test(redirectUri),
  async send({ basePath }, { redirectUri, parameters, locale }) {
    const { back } = textsOf(locale)
    const { origin } = new URL(redirectUri)
    const message = JSON.stringify({ type: 'authorization_response', response: parameters })
    return page({
      title: back.title,
      basePath,
      locale,
      frameAncestors: [origin],
      body: html`<div class="stack" data-message="${message}" data-message-to="${origin}">
<h1>${back.heading}</h1>
<p class="lead">${back.says}</p>
<noscript><p class="notice warn">${back.needsScript}</p></noscript>
</div>`,
    })
  },
}
