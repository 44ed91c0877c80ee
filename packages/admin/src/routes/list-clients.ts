import type { RegisteredClient } from '@latchkey/provider'
import { type AdminRequest, clientHref } from '../admin-request.ts'
import { clientType } from '../client-form/describe-client.ts'
import { adminPage } from '../pages/admin-page.ts'
import { type Html, html } from '../pages/html.ts'
import { instant } from '../pages/instant.ts'
import { isProven } from '../proof.ts'

const pageSize = 25

/** Every client, searched and paged by what stands in the address. */
export async function listClients(asked: AdminRequest): Promise<Response> {
  const search = asked.query.get('search')?.slice(0, 200)
  const after = asked.query.get('after')
  const found = await asked.site.clients.list({
    ...(search === undefined ? {} : { search }),
    ...(after === undefined ? {} : { after }),
    limit: pageSize + 1,
  })
  const shown = found.slice(0, pageSize)
  const next = found.length > pageSize ? shown.at(-1)?.metadata.client_id : undefined
  const isFirst = shown.length === 0 && search === undefined && after === undefined
  return adminPage(asked, {
    title: 'Clients',
    actions: html`<a class="button primary" href="${asked.home}/clients/new">New client</a>`,
    body: html`${deletedNotice(asked)}${isFirst ? null : searchForm(asked, search)}
${shown.length === 0 ? empty(asked, { search, after }) : table(asked, shown)}
${pager(asked, { search, after, next })}`,
  })
}

/** What the deletion just before did; only these pages can make such an address. */
function deletedNotice({ query, session }: AdminRequest): Html | null {
  const deleted = query.get('deleted')
  if (deleted === undefined || !isProven(session, query.get('proof'), 'deleted', deleted)) return null
  return html`<div class="notice good" role="status"><p><strong>${deleted}</strong> is deleted. Its tokens have ended.</p></div>`
}

function searchForm({ home }: AdminRequest, search: string | undefined): Html {
  return html`<form class="search" role="search" action="${home}/clients">
<label class="visually-hidden" for="search">Search by name or client ID</label>
<input type="search" id="search" name="search" value="${search ?? ''}" placeholder="Name or client ID" maxlength="200">
<button class="secondary">Search</button>
${search === undefined ? null : html`<a class="button" href="${home}/clients">Show all</a>`}
</form>`
}

function table(asked: AdminRequest, clients: readonly RegisteredClient[]): Html {
  const now = asked.site.now()
  return html`<div class="table cards sticky clients"><table>
<thead><tr><th scope="col">Client</th><th scope="col">Type</th><th scope="col">Redirects to</th><th scope="col">Changed</th></tr></thead>
<tbody>${clients.map((client) => row(client, asked, now))}</tbody></table></div>`
}

function row({ metadata, origin, updatedAt }: RegisteredClient, { home }: AdminRequest, now: number): Html {
  const { client_id: id, client_name: name } = metadata
  return html`<tr>
<th scope="row" class="name-cell"><span class="name"><a href="${clientHref(home, 'show', id)}">${name ?? id}</a><code class="muted">${id}</code></span></th>
<td data-label="Type">${clientType(metadata)}</td>
<td data-label="Redirects to">${redirectHosts(metadata.redirect_uris)}</td>
<td data-label="Changed" class="when">${origin === 'configuration' ? html`<span class="badge">Configured</span>` : instant(updatedAt, now)}</td>
</tr>`
}

/** The hosts, or the scheme of an app on a device. */
function redirectHosts(uris: readonly string[]): Html | string {
  if (uris.length === 0) return html`<span class="muted">Nowhere</span>`
  const hosts = [...new Set(uris.map((uri) => (URL.canParse(uri) ? new URL(uri).host || new URL(uri).protocol : uri)))]
  return hosts.length <= 2 ? hosts.join(', ') : `${hosts.slice(0, 2).join(', ')} and ${hosts.length - 2} more`
}

interface Listing {
  readonly search: string | undefined
  readonly after: string | undefined
}

function empty({ home }: AdminRequest, { search, after }: Listing): Html {
  const says =
    search !== undefined
      ? html`<p>No client’s name or ID has “${search}” in it.</p><a class="button" href="${home}/clients">Show all clients</a>`
      : after !== undefined
        ? html`<p>No clients after this one.</p><a class="button" href="${home}/clients">Back to the first page</a>`
        : html`<p>No clients yet. A client is an application that may send people here to sign in.</p><a class="button primary" href="${home}/clients/new">Create the first client</a>`
  return html`<div class="card empty">${says}</div>`
}

function pager({ home }: AdminRequest, { search, after, next }: Listing & { next: string | undefined }): Html | null {
  if (after === undefined && next === undefined) return null
  const href = (parameters: Readonly<Record<string, string | undefined>>) => {
    const pairs = Object.entries({ search, ...parameters }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
    )
    return pairs.length === 0 ? `${home}/clients` : `${home}/clients?${pairs.join('&')}`
  }
  return html`<nav aria-label="Pages" class="row">
${after === undefined ? null : html`<a class="button" href="${href({})}">First page</a>`}
${next === undefined ? null : html`<a class="button" rel="next" href="${href({ after: next })}">Next page</a>`}
</nav>`
}
