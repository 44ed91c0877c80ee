import { usesClientSecret } from '@latchkey/protocol'
import type { RegisteredClient } from '@latchkey/provider'
import { type AdminRequest, clientHref } from '../admin-request.ts'
import { describeClient, fieldNames } from '../client-form/describe-client.ts'
import { adminPage, configuredReason, unknownClientPage } from '../pages/admin-page.ts'
import { type Html, html } from '../pages/html.ts'
import { instant } from '../pages/instant.ts'
import { isProven, prove } from '../proof.ts'

/** One client with everything that is set, and what can be done with it. */
export async function showClient(asked: AdminRequest): Promise<Response> {
  const clientId = asked.query.get('client_id')
  const client = clientId === undefined ? null : await asked.site.clients.find(clientId)
  if (client === null) return unknownClientPage(asked, clientId)
  const { metadata, origin, createdAt, updatedAt } = client
  const now = asked.site.now()
  return adminPage(asked, {
    title: metadata.client_name ?? metadata.client_id,
    back: { href: `${asked.home}/clients`, label: 'Clients' },
    actions: origin === 'store' ? actions(asked, client) : html`<span class="badge">Configured</span>`,
    body: html`${changedNotice(asked)}${origin === 'store' ? null : html`<div class="notice"><p>${configuredReason}</p></div>`}
<div class="panel stack">
<dl class="facts"><dt>Client ID</dt><dd><code>${metadata.client_id}</code></dd>
${origin === 'store' ? html`<dt>Created</dt><dd>${instant(createdAt, now)}</dd><dt>Changed</dt><dd>${instant(updatedAt, now)}</dd>` : null}
${usesClientSecret(metadata.token_endpoint_auth_method) ? secretFacts(client, now) : null}</dl>
<hr>
${describeClient(metadata)}
</div>`,
  })
}

function secretFacts({ secretHashes, sealedSecret, previousSecret }: RegisteredClient, now: number): Html {
  const kept = sealedSecret === undefined ? 'kept as a hash' : 'kept encrypted, because the client signs with it'
  const previous =
    previousSecret === undefined || previousSecret.expiresAt <= now
      ? null
      : html`<dt>Secret before</dt><dd>Valid until ${instant(previousSecret.expiresAt, now)}</dd>`
  return html`<dt>Secret</dt><dd>${secretHashes.length === 0 ? 'None' : `Set; ${kept} and never shown again`}</dd>${previous}`
}

/** The address of a client's page that says which fields were just changed. */
export function changedHref({ home, session }: AdminRequest, clientId: string, fields: readonly string[]): string {
  const changed = fields.join(' ')
  const proof = prove(session, 'changed', clientId, changed)
  return `${clientHref(home, 'show', clientId)}&changed=${encodeURIComponent(changed)}&proof=${proof}`
}

function changedNotice({ query, session }: AdminRequest): Html | null {
  const changed = query.get('changed')
  const clientId = query.get('client_id') ?? ''
  if (changed === undefined || !isProven(session, query.get('proof'), 'changed', clientId, changed)) return null
  return html`<div class="notice good" role="status"><p>Saved. Changed: <strong>${fieldNames(changed.split(' '))}</strong>.</p></div>`
}

function actions({ home }: AdminRequest, { metadata }: RegisteredClient): Html {
  const { client_id: id, token_endpoint_auth_method: method } = metadata
  return html`<div class="row"><a class="button primary" href="${clientHref(home, 'edit', id)}">Edit</a>
${usesClientSecret(method) ? html`<a class="button" href="${clientHref(home, 'new-secret', id)}">New secret</a>` : null}
<a class="button danger" href="${clientHref(home, 'delete', id)}">Delete</a></div>`
}
