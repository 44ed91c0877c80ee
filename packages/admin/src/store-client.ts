import type { RegisteredClient } from '@latchkey/provider'
import { type AdminRequest, clientHref } from './admin-request.ts'
import { adminPage, configuredReason, unknownClientPage } from './pages/admin-page.ts'
import { html } from './pages/html.ts'

/** The client that the address names, or the page to answer where there is none that can be changed. */
export async function findChangeable(asked: AdminRequest): Promise<RegisteredClient | Response> {
  const clientId = asked.query.get('client_id')
  const client = clientId === undefined ? null : await asked.site.clients.find(clientId)
  if (client === null) return unknownClientPage(asked, clientId)
  return client.origin === 'store' ? client : configuredPage(asked, client)
}

function configuredPage(asked: AdminRequest, { metadata }: RegisteredClient): Response {
  const { client_id: id, client_name: name } = metadata
  return adminPage(asked, {
    title: `${name ?? id} is not changed here`,
    status: 409,
    back: { href: clientHref(asked.home, 'show', id), label: name ?? id },
    body: html`<p>${configuredReason}</p>`,
  })
}
