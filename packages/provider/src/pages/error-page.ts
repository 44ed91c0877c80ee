import { html } from './html.ts'
import { page } from './page.ts'
import { type Locale, textsOf } from './texts/index.ts'

export interface ErrorPageOptions {
  readonly status: number
  readonly title: string
  /** What happened and whose turn it is, in one or two sentences. */
  readonly message: string
  /** What a developer needs to know, in the protocol's words. Never a secret. */
  readonly detail?: string | undefined
  /** The one next step. */
  readonly next?: { readonly href: string; readonly label: string } | undefined
  readonly requestId: string
  readonly basePath?: string | undefined
  /** English unless said otherwise. */
  readonly locale?: Locale
}

/** A page that says what happened, whose turn it is, one next step, and the request id to quote. */
export function errorPage(options: ErrorPageOptions): Response {
  const { title, message, detail, next, requestId, locale = 'en' } = options
  return page({
    title,
    // A page challenges nobody, and a 401 without a challenge is malformed. @spec RFC 9110 §15.5.2
    status: options.status === 401 ? 400 : options.status,
    basePath: options.basePath ?? '',
    locale,
    body: html`<div class="stack">
<h1>${title}</h1>
<p>${message}</p>
${detail === undefined ? null : html`<pre class="wrap small">${detail}</pre>`}
${next === undefined ? null : html`<a class="button primary full" href="${next.href}">${next.label}</a>`}
<p class="small muted">${textsOf(locale).request} <code>${requestId}</code></p>
</div>`,
  })
}
