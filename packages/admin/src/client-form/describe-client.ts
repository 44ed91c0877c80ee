import type { ClientMetadata } from '@latchkey/protocol'
import { type Html, html } from '../pages/html.ts'
import { type FormField, formFields, labels, optionWords } from './fields.ts'

type Metadata = Omit<ClientMetadata, 'client_secret'>

/** Every setting of a client as a list of facts. */
export function describeClient(metadata: Metadata): Html {
  return html`<dl class="facts">${formFields.map(
    (field) => html`<dt>${labels[field]}</dt><dd>${shown(field, metadata)}</dd>`,
  )}</dl>`
}

/** The fields in which two clients differ. */
export function changedFields(before: Metadata, after: Metadata): readonly FormField[] {
  return formFields.filter((field) => JSON.stringify(before[field] ?? null) !== JSON.stringify(after[field] ?? null))
}

/** What was and what will be, a row a field. */
export function describeChanges(
  { before, after }: { before: Metadata; after: Metadata },
  heads: { before: string; after: string },
): Html {
  const rows = changedFields(before, after).map(
    (field) => html`<tr><th scope="row">${labels[field]}</th>
<td data-label="${heads.before}"><del>${shown(field, before)}</del></td>
<td data-label="${heads.after}"><ins>${shown(field, after)}</ins></td></tr>`,
  )
  return html`<div class="table cards changes"><table>
<thead><tr><th scope="col">Setting</th><th scope="col">${heads.before}</th><th scope="col">${heads.after}</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
}

/** "Name, Redirect URIs" */
export function fieldNames(fields: readonly string[]): string {
  return fields.map((field) => labels[field as FormField] ?? field).join(', ')
}

function shown(field: FormField, metadata: Metadata): Html | string {
  const value = metadata[field]
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value === 'number') return `${value} seconds`
  if (field === 'token_endpoint_auth_method') return clientType(metadata)
  if (field === 'jwks' && value !== undefined) return html`<code>${JSON.stringify(value)}</code>`
  if (typeof value === 'string' && value !== '') return field === 'scope' ? html`<code>${value}</code>` : value
  if (!Array.isArray(value) || value.length === 0) return field === 'resources' ? 'All' : 'None'
  const items = (value as readonly string[]).map((item) => {
    const words = optionWords[item]
    return html`<span>${words === undefined ? html`<code>${item}</code>` : html`${words} <code>${item}</code>`}</span>`
  })
  return html`<span class="lines">${items}</span>`
}

/** "Confidential, client_secret_post" or "Public". */
export function clientType({ token_endpoint_auth_method: method }: Metadata): Html {
  return method === 'none'
    ? html`<span>Public</span>`
    : html`<span class="type">Confidential <code>${method}</code></span>`
}
