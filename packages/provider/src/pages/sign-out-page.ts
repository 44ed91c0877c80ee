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

/** Loads what clients want loaded, then leads on. @spec Front-Channel Logout §2 */
export function signedOutPage(options: {
  basePath: string
  /** Addresses of clients that end their own sessions when a browser loads them. */
  frames: readonly string[]
  /** Where the person goes then, or null to stay. */
  next: { readonly href: string; readonly clientName: string } | null
}): Response {
  const { basePath, frames, next } = options
  return page({
    title: 'You are signed out',
    basePath,
    // Exactly those origins, and for whom script is switched off, on after a moment all the same.
    ...(frames.length === 0 ? {} : { frameSources: [...new Set(frames.map((url) => new URL(url).origin))] }),
    ...(next === null ? {} : { headers: { refresh: `${secondsForFrames}; url=${next.href}` } }),
    body: html`<div class="stack">
<div class="stack tight">
<h1>You are signed out</h1>
<p class="lead">On a shared computer, close the browser’s window as well.</p>
</div>
${next === null ? null : html`<a class="button primary full" href="${next.href}" data-after-frames>Back to ${next.clientName}</a>`}
${frames.map((url) => html`<iframe src="${url}" title="Signing out" hidden></iframe>`)}
</div>`,
  })
}

const secondsForFrames = 5
