import type { AdminRequest } from '../admin-request.ts'
import { adminPage } from '../pages/admin-page.ts'
import { type Html, html } from '../pages/html.ts'
import { isProven } from '../proof.ts'
import { personAccess } from './person-access.ts'
import { personHref } from './person-href.ts'

/** One person, found by name or subject, and what can be done about them. */
export async function findPerson(asked: AdminRequest): Promise<Response> {
  const wanted = asked.query.get('person')?.trim().slice(0, 200) ?? ''
  const person = wanted === '' ? null : await asked.site.findPerson(wanted)
  return adminPage(asked, {
    title: 'People',
    body: html`${doneNotice(asked)}${searchForm(asked, wanted)}
${person === null ? (wanted === '' ? hint : unknown(asked, wanted)) : await shown(asked, person)}`,
  })
}

const hint = html`<p class="muted">Find somebody by the name they sign in under, or by their subject: the <code>sub</code> of their tokens.</p>`

function searchForm({ home }: AdminRequest, wanted: string): Html {
  return html`<form class="search" role="search" action="${home}/people">
<label class="visually-hidden" for="person">Find by username or subject</label>
<input type="search" id="person" name="person" value="${wanted}" placeholder="Username or subject" maxlength="200" autocomplete="off" spellcheck="false" autocapitalize="off">
<button class="secondary">Find</button>
</form>`
}

async function shown(asked: AdminRequest, { sub, username }: { sub: string; username: string }): Promise<Html> {
  const { home, site, session } = asked
  const canDelete = site.deletePerson !== undefined && sub !== session.sub
  return html`<div class="panel stack">
<dl class="facts"><dt>Username</dt><dd>${username}</dd><dt>Subject</dt><dd><code>${sub}</code></dd></dl>
<div class="row actions"><a class="button" href="${personHref(home, 'end', sub)}">End everything</a>
<a class="button" href="${home}/audit?person=${encodeURIComponent(sub)}">Audit trail</a>
${canDelete ? html`<a class="button danger" href="${personHref(home, 'delete', sub)}">Delete</a>` : null}</div>
</div>
${await personAccess(asked, sub)}`
}

/** An account that is gone may have left something behind. */
function unknown({ home }: AdminRequest, wanted: string): Html {
  return html`<div class="card empty"><p>Nobody signs in as “${wanted}”, and no account has this subject.</p>
<p class="muted">If it is the subject of an account that is gone, what it may have left can still be ended.</p>
<a class="button" href="${personHref(home, 'end', wanted)}">End what is left</a></div>`
}

/** What was done just before; only these pages can make such an address. */
function doneNotice({ query, session }: AdminRequest): Html | null {
  for (const [what, said] of [
    ['ended', 'every session and every token has ended.'],
    ['deleted', 'the account is deleted, and everything that hung on it has ended.'],
    ['withdrawn', 'the application has no access any more.'],
    ['signed-out', 'that browser is signed out.'],
  ] as const) {
    const name = query.get(what)
    if (name !== undefined && isProven(session, query.get('proof'), what, name)) {
      return html`<div class="notice good" role="status"><p><strong>${name}</strong>: ${said}</p></div>`
    }
  }
  return null
}
