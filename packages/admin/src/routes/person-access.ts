import { OAuthError } from '@latchkey/protocol'
import type { HeldAccess, PersonSession } from '@latchkey/provider'
import type { AdminRequest } from '../admin-request.ts'
import { adminPage, hiddenFields, seeOther } from '../pages/admin-page.ts'
import { type Html, html } from '../pages/html.ts'
import { instant } from '../pages/instant.ts'
import { prove } from '../proof.ts'
import { readPost } from '../read-post.ts'
import { personHref } from './person-href.ts'

/** What applications may do for a person and where they are signed in, with what takes each back. */
export async function personAccess(asked: AdminRequest, sub: string): Promise<Html> {
  const { people } = asked.site
  const [access, sessions] = await Promise.all([people.accessOf(sub), people.sessionsOf(sub)])
  return html`<section class="stack" aria-labelledby="access"><h2 id="access">Applications with access</h2>
${access.length === 0 ? html`<p class="muted">They have allowed no application anything, and none holds a token of theirs.</p>` : accessTable(asked, sub, access)}</section>
<section class="stack" aria-labelledby="signed-in"><h2 id="signed-in">Signed in</h2>
${sessions.length === 0 ? html`<p class="muted">They are signed in nowhere.</p>` : sessionTable(asked, sub, sessions)}</section>`
}

function accessTable({ home, site }: AdminRequest, sub: string, access: readonly HeldAccess[]): Html {
  const rows = access.map(({ clientId, name, since, permissions, details, wasAsked, isInUse }) => {
    const lines = [
      ...permissions.map(({ name: group, asks }) => ({
        group: site.resources.some((resource) => resource.name === group) ? group : 'Account',
        scope: asks.map((each) => each.scope ?? each.says).join(' '),
      })),
      ...details.map(({ says }) => ({ group: 'Once', scope: says })),
    ]
    const href = `${personHref(home, 'withdraw', sub)}&client_id=${encodeURIComponent(clientId)}`
    return html`<tr><th scope="row" class="name-cell" data-label="Application"><span class="name"><span>${name}</span><code>${clientId}</code></span></th>
<td data-label="May"><span class="lines">${wasAsked ? lines.map(({ group, scope }) => html`<span><span class="muted">${group}:</span> <code>${scope}</code></span>`) : html`<span class="muted">Needs no consent</span>`}</span></td>
<td class="when" data-label="Since">${instant(since, site.now())}</td>
<td data-label="Tokens">${isInUse ? html`<span class="badge good">In use</span>` : html`<span class="badge">None</span>`}</td>
<td class="act"><a class="button small" href="${href}" aria-label="Withdraw access: ${name}">Withdraw access</a></td></tr>`
  })
  return html`<div class="table cards sticky access applications"><table><thead><tr><th scope="col">Application</th><th scope="col">May</th><th scope="col">Since</th><th scope="col">Tokens</th><th scope="col"><span class="visually-hidden">Action</span></th></tr></thead><tbody>${rows}</tbody></table></div>`
}

function sessionTable(asked: AdminRequest, sub: string, sessions: readonly PersonSession[]): Html {
  const { home, site } = asked
  const action = personHref(home, 'sign-out', sub)
  const rows = sessions.map(
    ({
      sid,
      amr,
      startedAt,
      usedAt,
      applications,
      ...session
    }) => html`<tr><th scope="row" class="name-cell" data-label="Browser"><span class="name"><span>${browserOf(session)}</span><span class="muted">${amr.join(', ')}</span></span></th>
<td class="when" data-label="Since">${instant(startedAt, site.now())}</td>
<td class="when" data-label="Last used">${instant(usedAt, site.now())}</td>
<td data-label="Opened">${applications.length === 0 ? html`<span class="muted">Nothing</span>` : applications.join(', ')}</td>
<td class="act"><form method="post" action="${action}">${hiddenFields(asked, { sid })}<button class="secondary small" aria-label="Sign out: ${browserOf(session)}">Sign out</button></form></td></tr>`,
  )
  return html`<div class="table cards sticky access browsers"><table><thead><tr><th scope="col">Browser</th><th scope="col">Since</th><th scope="col">Last used</th><th scope="col">Opened</th><th scope="col"><span class="visually-hidden">Action</span></th></tr></thead><tbody>${rows}</tbody></table></div>`
}

function browserOf({ device }: Pick<PersonSession, 'device'>): string {
  return [device?.browser ?? 'A browser', device?.platform].filter((part) => part != null).join(' on ')
}

/** Signs a person out of one browser. */
export async function signPersonOut(asked: AdminRequest): Promise<Response> {
  const form = await readPost(asked)
  const { sub, name } = await whose(asked)
  await asked.site.people.endSessions(sub, { only: form.get('sid') ?? '' }, { actor: asked.session.sub })
  return done(asked, 'signed-out', name)
}

export async function confirmWithdrawal(asked: AdminRequest): Promise<Response> {
  const { sub, name } = await whose(asked)
  const { clientId, application } = await withdrawn(asked, sub)
  const href = `${personHref(asked.home, 'withdraw', sub)}&client_id=${encodeURIComponent(clientId)}`
  const back = personPage(asked, name)
  return adminPage(asked, {
    title: `Withdraw the access of ${application}?`,
    section: 'People',
    back: { href: back, label: name },
    body: html`<form class="panel stack" method="post" action="${href}">
${hiddenFields(asked)}
<p>At once, for <strong>${name}</strong> and nobody else:</p>
<ul><li>what they consented to is forgotten: <strong>${application}</strong> has to ask them again;</li>
<li>every refresh token, access token and code that it holds in their name ends; APIs that follow the revocation feed refuse JWTs within a second, others when they expire at the latest;</li>
<li>it is told that they are signed out, if it asked to be told.</li></ul>
<div class="row actions"><button class="danger">Withdraw access</button><a class="button" href="${back}">Keep it as it is</a></div>
</form>`,
  })
}

/** Takes back what a person allowed one application. */
export async function withdrawForPerson(asked: AdminRequest): Promise<Response> {
  await readPost(asked)
  const { sub, name } = await whose(asked)
  const { clientId } = await withdrawn(asked, sub)
  await asked.site.people.withdrawAccess(sub, clientId, { actor: asked.session.sub })
  return done(asked, 'withdrawn', name)
}

async function whose({ query, site }: AdminRequest): Promise<{ sub: string; name: string }> {
  const sub = query.get('sub')
  if (sub === undefined || sub === '') throw new OAuthError('not_found', 'this page needs the subject of a person')
  const account = await site.findPerson(sub)
  return { sub, name: account?.sub === sub ? account.username : sub }
}

async function withdrawn({ query, site }: AdminRequest, sub: string) {
  const clientId = query.get('client_id') ?? ''
  const held = (await site.people.accessOf(sub)).find((each) => each.clientId === clientId)
  return { clientId, application: held?.name ?? clientId }
}

function personPage({ home }: AdminRequest, name: string): string {
  return `${home}/people?person=${encodeURIComponent(name)}`
}

function done(asked: AdminRequest, what: 'withdrawn' | 'signed-out', name: string): Response {
  const proof = prove(asked.session, what, name)
  return seeOther(`${personPage(asked, name)}&${what}=${encodeURIComponent(name)}&proof=${proof}`)
}
