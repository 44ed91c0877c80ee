import type { AdminRequest } from '../admin-request.ts'
import { adminStylesheet } from './admin.css.ts'
import { type Html, html } from './html.ts'

interface AdminPage {
  readonly title: string
  /** What stands under the heading. */
  readonly body: Html
  /** Beside the heading. */
  readonly actions?: Html
  /** Above the heading: the way back. */
  readonly back?: { readonly href: string; readonly label: string }
  readonly status?: number
  /** Where it belongs, when its title is not a section's. */
  readonly section?: 'People'
}

const sections = [
  { path: 'clients', name: 'Clients' },
  { path: 'people', name: 'People' },
  { path: 'audit', name: 'Audit' },
  { path: 'conformance', name: 'Conformance' },
] as const

/** A page of the admin site: its sections, who is signed in, a heading, and the rest. */
export function adminPage({ site, session, home }: AdminRequest, page: AdminPage): Response {
  const { title, body, actions, back, status = 200 } = page
  const section = page.section ?? sections.find(({ name }) => name === title)?.name ?? 'Clients'
  return site.page({
    title: `${title} · Latchkey Admin`,
    status,
    wide: true,
    body: html`<link rel="stylesheet" href="${home}/${adminStylesheet.name}">
<div class="stack loose">
<div class="admin-head">
<nav aria-label="Admin"><ul>${sections.map(({ path, name }) => html`<li><a href="${home}/${path}" ${name === section ? html`aria-current="page"` : null}>${name}</a></li>`)}</ul></nav>
<p class="who muted"><span>${session.username}</span><a href="${site.basePath}/end-session">Sign out</a></p>
</div>
<div class="stack tight">
${back === undefined ? null : html`<p class="crumbs"><a href="${back.href}">← ${back.label}</a></p>`}
<div class="row between"><h1>${title}</h1>${actions}</div>
</div>
${body}
</div>`,
  })
}

/** The hidden fields that every form carries. */
export function hiddenFields(
  { session }: Pick<AdminRequest, 'session'>,
  fields: Readonly<Record<string, string>> = {},
): Html {
  const all = Object.entries({ form_token: session.formToken, ...fields })
  return html`${all.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}`
}

/** A client that is not there (any more). */
export function unknownClientPage(asked: AdminRequest, clientId: string | undefined): Response {
  return adminPage(asked, {
    title: 'No such client',
    status: 404,
    back: { href: `${asked.home}/clients`, label: 'Clients' },
    body: html`<p>There is no client <code>${clientId ?? ''}</code>. Someone may have deleted it.</p>`,
  })
}

/** Why a client of the configuration cannot be changed here. */
export const configuredReason = html`This client stands in the server’s configuration file. Change it there and restart the server.`

/** A 303 that no cache keeps. @spec RFC 9110 §15.4.4 */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } })
}
