import type { ProviderSite, SiteSession } from '@latchkey/provider'
import { html } from './html.ts'

/** Signed in, but not as an administrator. */
export function forbiddenPage(site: ProviderSite, session: SiteSession): Response {
  return site.page({
    title: 'Not for this account',
    status: 403,
    body: html`<div class="stack">
<h1>Not for this account</h1>
<p>You are signed in as <strong>${session.username}</strong>, who is not an administrator. Ask an administrator for the right, or sign in as someone else.</p>
<a class="button full" href="${site.basePath}/end-session">Sign out</a>
</div>`,
  })
}
