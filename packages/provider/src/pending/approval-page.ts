import { html } from '../pages/html.ts'
import { page } from '../pages/page.ts'
import { permissionList } from '../pages/permission-list.ts'
import { groupScope } from '../pages/scope-words.ts'
import { takeBackAt } from '../pages/take-back.ts'
import { type Locale, textsOf } from '../pages/texts/index.ts'
import type { PendingRequest } from './pending-request.ts'

export interface ApprovalPageOptions {
  readonly request: PendingRequest
  readonly username: string
  /** The provider's own host, which people know from the address bar. */
  readonly providerHost: string
  /** What the person has to compare with what the other device shows, or null where it shows nothing. */
  readonly compare: { readonly label: string; readonly text: string } | null
  /** Whom to beware of. */
  readonly warning: string
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  /** Where someone else signs in, or null. */
  readonly switchHref: string | null
  /** What is asked for beyond scopes, in people's words. @spec RFC 9396 §2 */
  readonly details: readonly string[]
  /** Of the request, with what it asks for by name. */
  readonly scope: readonly string[]
  /** Where people take it back, or undefined where there is no such page. */
  readonly accountHref: string | undefined
  readonly basePath: string
  readonly locale: Locale
}

/** Who asks on another device, for what, and the person's explicit answer. @spec RFC 8628 §3.3.1, §5.4 */
export function approvalPage(options: ApprovalPageOptions): Response {
  const { request, username, compare, switchHref, details, locale } = options
  const { consent: words, approval } = textsOf(locale)
  const name = clientNameOf(request)
  const accountLine = takeBackAt(options.accountHref, options.providerHost, locale)
  const ownName = words.accountAt(options.providerHost)
  const groups = [
    ...groupScope(options.scope, request.resources, { ownName, locale }),
    ...(details.length === 0 ? [] : [{ name: words.details, asks: details.map((says) => ({ says, scope: null })) }]),
  ]
  const hidden = Object.entries(options.fields).map(
    ([field, value]) => html`<input type="hidden" name="${field}" value="${value}">`,
  )
  return page({
    title: approval.title(name),
    basePath: options.basePath,
    locale,
    body: html`<form class="stack loose" method="post" action="${options.action}">
${hidden}
<div class="party"><span class="initial" aria-hidden="true">${initialOf(name)}</span>
<div><h1>${words.heading(name)}</h1><p class="host">${approval.elsewhere}</p></div></div>
${compare === null ? null : html`<div class="stack tight"><p class="label">${compare.label}</p><pre class="wrap">${compare.text}</pre></div>`}
<p class="notice warn">${options.warning}</p>
${groups.length === 0 ? html`<p>${words.nothing}</p>` : permissionList(groups)}
${accountLine === null ? null : html`<div class="small muted">${accountLine}</div>`}
<div class="pair">
<button class="secondary" name="decision" value="deny">${words.deny}</button>
<button class="primary" name="decision" value="allow">${words.allow}</button>
</div>
<p class="who muted"><span>${words.signedInAs} <strong>${username}</strong></span>${switchHref === null ? null : html`<a href="${switchHref}">${words.notYou}</a>`}</p>
</form>`,
  })
}

export function clientNameOf({ client }: PendingRequest): string {
  return client.metadata.client_name ?? client.metadata.client_id
}

function initialOf(name: string): string {
  return [...name.trim()][0]?.toUpperCase() ?? '?'
}

/** The end of the way in this browser. */
export function decidedPage(options: { allowed: boolean; basePath: string; locale: Locale }): Response {
  const { allowed, basePath, locale } = options
  const { title, message } = textsOf(locale).approval[allowed ? 'allowed' : 'denied']
  return page({
    title,
    basePath,
    locale,
    body: html`<div class="stack tight">
<h1>${title}</h1>
<p class="lead">${message}</p>
</div>`,
  })
}
