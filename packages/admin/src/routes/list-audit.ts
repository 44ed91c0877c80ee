import { type AuditQuery, type AuditRecord, auditIdAt } from '@latchkey/provider'
import { type AdminRequest, clientHref } from '../admin-request.ts'
import { adminPage } from '../pages/admin-page.ts'
import { eventTypes, wordsOf } from '../pages/event-words.ts'
import { type Html, html } from '../pages/html.ts'
import { instant } from '../pages/instant.ts'

const pageSize = 50
const daySeconds = 86_400

/** What stands in the address, as it was typed. */
interface Filters {
  readonly type: string
  readonly client: string
  readonly person: string
  /** Days as 2027-01-31, in UTC. */
  readonly from: string
  readonly until: string
}

/** The audit trail, newest first, filtered and paged by what stands in the address. */
export async function listAudit(asked: AdminRequest): Promise<Response> {
  const filters = readFilters(asked)
  const before = asked.query.get('before')
  const query = await queryOf(asked, filters, before)
  const found = await asked.site.audit.list({ ...query, limit: pageSize + 1 })
  const shown = found.slice(0, pageSize)
  const next = found.length > pageSize ? shown.at(-1)?.id : undefined
  const isFiltered = Object.values(filters).some((value) => value !== '')
  return adminPage(asked, {
    title: 'Audit',
    body: html`${filterForm(asked, filters, isFiltered)}
${shown.length === 0 ? empty(asked, isFiltered || before !== undefined) : await table(asked, filters, shown)}
${pager(asked, filters, { before, next })}
<p class="small muted">${kept(asked)}</p>`,
  })
}

function readFilters({ query }: AdminRequest): Filters {
  const text = (name: string): string => query.get(name)?.trim().slice(0, 200) ?? ''
  const day = (name: string): string => (dayStart(text(name)) === null ? '' : text(name))
  return { type: text('type'), client: text('client'), person: text('person'), from: day('from'), until: day('until') }
}

function dayStart(text: string): number | null {
  const milliseconds = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return Number.isNaN(milliseconds) ? null : milliseconds / 1000
}

/** Names that people sign in under stand for their `sub`. */
async function queryOf(
  { site }: AdminRequest,
  { type, client, person, from, until }: Filters,
  before: string | undefined,
): Promise<Omit<AuditQuery, 'limit'>> {
  const [first, last] = [dayStart(from), dayStart(until)]
  const ends = [before, last === null ? undefined : auditIdAt(last + daySeconds)].filter((end) => end !== undefined)
  const end = ends.sort()[0]
  return {
    ...(type === '' ? {} : { type }),
    ...(client === '' ? {} : { clientId: client }),
    ...(person === '' ? {} : { person: (await site.findPerson(person))?.sub ?? person }),
    ...(first === null ? {} : { from: auditIdAt(first) }),
    ...(end === undefined ? {} : { before: end }),
  }
}

function filterForm({ home }: AdminRequest, filters: Filters, isFiltered: boolean): Html {
  const options = eventTypes.map(
    ({ type, words }) =>
      html`<option value="${type}" ${type === filters.type ? html`selected` : null}>${words}</option>`,
  )
  const field = (name: keyof Filters, label: string, kind: 'text' | 'date') =>
    html`<div class="field"><label for="${name}">${label}</label><input type="${kind}" id="${name}" name="${name}" value="${filters[name]}" maxlength="200" autocomplete="off" spellcheck="false"></div>`
  return html`<form class="filters" role="search" action="${home}/audit">
<div class="field"><label for="type">What</label><select id="type" name="type"><option value="">Everything</option>${options}</select></div>
${field('person', 'Person', 'text')}${field('client', 'Client ID', 'text')}${field('from', 'From', 'date')}${field('until', 'Until', 'date')}
<div class="row"><button class="primary">Filter</button>${isFiltered ? html`<a class="button" href="${home}/audit">Show all</a>` : null}</div>
</form>`
}

async function table(asked: AdminRequest, filters: Filters, records: readonly AuditRecord[]): Promise<Html> {
  const now = asked.site.now()
  const subs = new Set(records.flatMap(({ sub, actor }) => [sub, actor]).filter((sub) => sub !== null))
  const names = new Map<string, string>()
  for (const sub of subs) names.set(sub, (await asked.site.findPerson(sub))?.username ?? sub)
  const row = (record: AuditRecord): Html => html`<tr>
<th scope="row" class="name-cell"><span class="name"><span><span class="badge ${wordsOf(record.type).tone}">${wordsOf(record.type).words}</span></span><code class="muted">${record.type}</code></span></th>
<td data-label="When" class="when">${instant(record.at, now)}</td>
<td data-label="Person">${people(asked, filters, { record, names })}</td>
<td data-label="Client">${record.clientId === null ? none : html`<a href="${clientHref(asked.home, 'show', record.clientId)}"><code>${record.clientId}</code></a>`}</td>
<td data-label="More">${more(record)}</td>
</tr>`
  return html`<div class="table cards sticky audit"><table>
<thead><tr><th scope="col">What</th><th scope="col">When</th><th scope="col">Person</th><th scope="col">Client</th><th scope="col">More</th></tr></thead>
<tbody>${records.map(row)}</tbody></table></div>`
}

const none = html`<span class="muted">–</span>`

function people(
  asked: AdminRequest,
  filters: Filters,
  { record, names }: { record: AuditRecord; names: ReadonlyMap<string, string> },
): Html {
  const { sub, actor } = record
  const link = (person: string): Html =>
    html`<a href="${href(asked, { ...filters, person })}">${names.get(person) ?? person}</a>`
  if (sub === null && actor === null) return none
  return html`<span class="lines">${sub === null ? null : html`<span>${link(sub)}</span>`}${actor === null ? null : html`<span><span class="muted">by</span> ${link(actor)}</span>`}</span>`
}

function more({ error, detail, grantType, requestId }: AuditRecord): Html {
  const facts = [error, detail, grantType].filter((fact) => fact !== null)
  return html`<span class="lines">${facts.map((fact) => html`<span>${fact}</span>`)}<span class="small muted">Request <code>${requestId}</code></span></span>`
}

function empty({ home, site }: AdminRequest, isNarrowed: boolean): Html {
  const says = isNarrowed
    ? html`<p>No entry is like this.</p><a class="button" href="${home}/audit">Show all</a>`
    : site.audit.level === 'off'
      ? html`<p>The audit trail is switched off: set <code>audit.level</code> to <code>security</code> in the server’s configuration.</p>`
      : html`<p>Nothing yet. Sign-ins, consents, revocations and changes of clients and keys stand here as they happen.</p>`
  return html`<div class="card empty">${says}</div>`
}

function kept({ site }: AdminRequest): string {
  const days = Math.floor(site.audit.retention / daySeconds)
  const span = days >= 1 ? `${days} ${days === 1 ? 'day' : 'days'}` : `${site.audit.retention} seconds`
  return `Entries are kept for ${span}. Times are in UTC; the exact one stands behind each.`
}

function href({ home }: AdminRequest, parameters: Readonly<Record<string, string | undefined>> | Filters): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  return pairs.length === 0 ? `${home}/audit` : `${home}/audit?${pairs.join('&')}`
}

function pager(
  asked: AdminRequest,
  filters: Filters,
  { before, next }: { before: string | undefined; next: string | undefined },
): Html | null {
  if (before === undefined && next === undefined) return null
  return html`<nav aria-label="Pages" class="row">
${before === undefined ? null : html`<a class="button" href="${href(asked, filters)}">First page</a>`}
${next === undefined ? null : html`<a class="button" rel="next" href="${href(asked, { ...filters, before: next })}">Next page</a>`}
</nav>`
}
