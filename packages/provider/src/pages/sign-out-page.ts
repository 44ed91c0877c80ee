import { type Html, html } from './html.ts'
import { page } from './page.ts'
import { type Locale, textsOf } from './texts/index.ts'

/** Asks before it signs out, since whoever sent the browser here did not prove to speak for the person. */
export function confirmSignOutPage(options: {
  username: string
  clientName: string | undefined
  action: string
  fields: Readonly<Record<string, string>>
  basePath: string
  locale: Locale
  formTargets: readonly string[]
  /** Where people see what they have allowed, or undefined where there is no such page. */
  accountHref: string | undefined
}): Response {
  const { username, clientName, action, fields, basePath, locale, formTargets } = options
  const words = textsOf(locale).signOut
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return page({
    title: words.title,
    basePath,
    locale,
    formTargets,
    body: html`<form class="stack loose" method="post" action="${action}">
${hidden}
<div class="stack tight">
<h1>${words.title}</h1>
<p>${words.signedInAs} <strong>${username}</strong>.${clientName === undefined ? null : html` <strong>${clientName}</strong> ${words.asks}`}</p>
<p class="small muted">${words.consequence}</p>
</div>
<button class="primary full">${words.button}</button>
${accountLine(options)}
</form>`,
  })
}

/** Loads what clients want loaded, then leads on. @spec Front-Channel Logout §2 */
export function signedOutPage(options: {
  basePath: string
  locale: Locale
  /** Addresses of clients that end their own sessions when a browser loads them. */
  frames: readonly string[]
  /** Where the person goes then, or null to stay. */
  next: { readonly href: string; readonly clientName: string } | null
  accountHref: string | undefined
}): Response {
  const { basePath, locale, frames, next } = options
  const words = textsOf(locale).signOut
  return page({
    title: words.doneTitle,
    basePath,
    locale,
    // Exactly those origins, and for whom script is switched off, on after a moment all the same.
    ...(frames.length === 0 ? {} : { frameSources: [...new Set(frames.map((url) => new URL(url).origin))] }),
    ...(next === null ? {} : { headers: { refresh: `${secondsForFrames}; url=${next.href}` } }),
    body: html`<div class="stack">
<div class="stack tight">
<h1>${words.doneTitle}</h1>
<p class="lead">${words.doneSays}</p>
</div>
${next === null ? null : html`<a class="button primary full" href="${next.href}" data-after-frames>${words.backTo(next.clientName)}</a>`}
${next === null ? accountLine(options) : null}
${frames.map((url) => html`<iframe src="${url}" title="Signing out" hidden></iframe>`)}
</div>`,
  })
}

function accountLine({ accountHref, locale }: { accountHref: string | undefined; locale: Locale }): Html | null {
  if (accountHref === undefined) return null
  return html`<p class="small"><a href="${accountHref}">${textsOf(locale).signOut.account}</a></p>`
}

const secondsForFrames = 5
