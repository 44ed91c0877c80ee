import { OAuthError } from '@latchkey/protocol'
import type { AdminRequest } from '../admin-request.ts'
import { adminPage, hiddenFields, seeOther } from '../pages/admin-page.ts'
import { type Html, html } from '../pages/html.ts'
import { prove } from '../proof.ts'
import { readPost } from '../read-post.ts'
import { personHref } from './person-href.ts'

interface Whom {
  readonly sub: string
  /** The username, or the subject of an account that is gone. */
  readonly name: string
  readonly hasAccount: boolean
}

export async function confirmPersonEnd(asked: AdminRequest): Promise<Response> {
  return endPage(asked, await whom(asked))
}

/** Ends every session and token of a person. */
export async function endPerson(asked: AdminRequest): Promise<Response> {
  await readPost(asked)
  const person = await whom(asked)
  await asked.site.endPerson(person.sub, asked.session.sub)
  return done(asked, 'ended', person)
}

export async function confirmPersonDeletion(asked: AdminRequest): Promise<Response> {
  return deletionPage(asked, await whomToDelete(asked))
}

/** Deletes once the name was typed. */
export async function deletePerson(asked: AdminRequest): Promise<Response> {
  const form = await readPost(asked)
  const person = await whomToDelete(asked)
  const typed = form.get('name')?.trim()
  if (typed !== person.name) return deletionPage(asked, person, typed ?? '')
  await asked.site.deletePerson?.(person.sub, asked.session.sub)
  return done(asked, 'deleted', person)
}

async function whom({ query, site }: AdminRequest): Promise<Whom> {
  const sub = query.get('sub')
  if (sub === undefined || sub === '') throw new OAuthError('not_found', 'this page needs the subject of a person')
  const account = await site.findPerson(sub)
  // A name that looks like the subject of somebody else is not taken for it.
  return account?.sub === sub
    ? { sub, name: account.username, hasAccount: true }
    : { sub, name: sub, hasAccount: false }
}

async function whomToDelete(asked: AdminRequest): Promise<Whom> {
  const person = await whom(asked)
  if (asked.site.deletePerson === undefined) throw new OAuthError('not_found', 'accounts cannot be deleted here')
  if (person.sub === asked.session.sub)
    throw new OAuthError('access_denied', 'nobody deletes their own account here: another administrator can')
  return person
}

function done({ home, session }: AdminRequest, what: 'ended' | 'deleted', { name }: Whom): Response {
  return seeOther(`${home}/people?${what}=${encodeURIComponent(name)}&proof=${prove(session, what, name)}`)
}

const ends = html`<li>they are signed out everywhere, and the applications that asked to be told are told;</li>
<li>every refresh token and every access token given out in their name ends; APIs that follow the revocation feed refuse JWTs within a second, others when they expire at the latest.</li>`

function endPage(asked: AdminRequest, { sub, name, hasAccount }: Whom): Response {
  return adminPage(asked, {
    title: `End everything of ${name}?`,
    section: 'People',
    back: back(asked, name),
    body: html`<form class="panel stack" method="post" action="${personHref(asked.home, 'end', sub)}">
${hiddenFields(asked)}
<p>At once:</p>
<ul>${ends}</ul>
<p>${hasAccount ? 'They can sign in again with their password.' : html`There is no account with this subject: <code>${sub}</code>.`}</p>
${actions(asked, name, 'End everything')}
</form>`,
  })
}

function deletionPage(asked: AdminRequest, { sub, name }: Whom, mistyped?: string): Response {
  const isWrong = mistyped !== undefined
  return adminPage(asked, {
    title: `Delete ${name}?`,
    section: 'People',
    status: isWrong ? 400 : 200,
    back: back(asked, name),
    body: html`<form class="panel stack" method="post" action="${personHref(asked.home, 'delete', sub)}">
${hiddenFields(asked)}
<p>This cannot be undone. At once:</p>
<ul><li>the account goes, with its name, its password and its claims;</li>
<li>what they consented to is forgotten;</li>
${ends}</ul>
<p>What stays tells of nobody by name: entries of the audit trail with their subject, as long as those are kept, and which authorizations have ended, until the last token of each has expired.</p>
<div class="field"><label for="name">Type <strong>${name}</strong> to delete the account</label>
<input type="text" id="name" name="name" value="${mistyped ?? ''}" autocomplete="off" spellcheck="false" autocapitalize="off" ${isWrong ? html`aria-invalid="true" aria-describedby="name-error" autofocus` : null}>
${isWrong ? html`<p class="error" id="name-error">That is not the name: type ${name} exactly as it stands here.</p>` : null}</div>
${actions(asked, name, 'Delete account')}
</form>`,
  })
}

function actions(asked: AdminRequest, name: string, label: string): Html {
  return html`<div class="row actions"><button class="danger">${label}</button><a class="button" href="${back(asked, name).href}">Keep it as it is</a></div>`
}

function back({ home }: AdminRequest, name: string): { href: string; label: string } {
  return { href: `${home}/people?person=${encodeURIComponent(name)}`, label: name }
}
