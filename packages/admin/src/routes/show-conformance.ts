import { type RegisteredClient, type Shortfall, type Standard, shortfallsOf, standards } from '@latchkey/provider'
import { type AdminRequest, clientHref } from '../admin-request.ts'
import { adminPage } from '../pages/admin-page.ts'
import { type Html, html } from '../pages/html.ts'

const pageSize = 25

/** How the live configuration stands against each standard: the server, then every client, with the fix beside each gap. */
export async function showConformance(asked: AdminRequest): Promise<Response> {
  const { site, query } = asked
  const standard = standards.find(({ name }) => name === query.get('standard')) ?? standards[0]
  if (standard === undefined) throw new Error('there is no standard')
  const after = query.get('after')
  const found = await site.clients.list({ ...(after === undefined ? {} : { after }), limit: pageSize + 1 })
  const shown = found.slice(0, pageSize)
  const next = found.length > pageSize ? shown.at(-1)?.metadata.client_id : undefined
  return adminPage(asked, {
    title: 'Conformance',
    body: html`<p>Read from the configuration that runs now, profile <code>${site.profile.name}</code>. It shows what is set, not what an application does with it.</p>
${tabs(asked, standard)}
<div class="panel stack"><h2>Server</h2>${gaps(standard.server(site.metadata(), site))}</div>
${shown.length === 0 ? html`<div class="card empty"><p>No clients yet.</p><a class="button primary" href="${asked.home}/clients/new">Create the first client</a></div>` : table(asked, standard, shown)}
${next === undefined ? null : html`<nav aria-label="Pages" class="row"><a class="button" rel="next" href="${href(asked, standard, next)}">Next page</a></nav>`}`,
  })
}

function href({ home }: AdminRequest, { name }: Standard, after?: string): string {
  const page = after === undefined ? '' : `&after=${encodeURIComponent(after)}`
  return `${home}/conformance?standard=${encodeURIComponent(name)}${page}`
}

function tabs(asked: AdminRequest, current: Standard): Html {
  return html`<nav aria-label="Standards" class="row">${standards.map((standard) =>
    standard === current
      ? html`<a class="button primary" aria-current="page" href="${href(asked, standard)}">${standard.name}</a>`
      : html`<a class="button" href="${href(asked, standard)}">${standard.name}</a>`,
  )}</nav>`
}

function table(asked: AdminRequest, standard: Standard, clients: readonly RegisteredClient[]): Html {
  return html`<div class="table cards sticky"><table>
<thead><tr><th scope="col">Client</th><th scope="col">${standard.name}</th></tr></thead>
<tbody>${clients.map((client) => row(asked, standard, client))}</tbody></table></div>`
}

function row({ home, site }: AdminRequest, standard: Standard, client: RegisteredClient): Html {
  const { client_id: id, client_name: name } = client.metadata
  return html`<tr>
<th scope="row" class="name-cell"><span class="name"><a href="${clientHref(home, 'show', id)}">${name ?? id}</a><code class="muted">${id}</code></span></th>
<td data-label="${standard.name}">${gaps(shortfallsOf(standard, client, site.profile))}</td>
</tr>`
}

function gaps(found: readonly Shortfall[]): Html {
  if (found.length === 0) return html`<p><span class="badge good">Nothing falls short</span></p>`
  const items = found.map(
    ({ spec, problem, fix }) =>
      html`<li><strong>${sentence(problem)}</strong> ${sentence(fix)} <span class="small muted">${spec}</span></li>`,
  )
  return html`<ul>${items}</ul>`
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}
