import type { ClientMetadata } from '@latchkey/protocol'
import { type AdminRequest, clientHref } from '../admin-request.ts'
import { adminPage } from './admin-page.ts'
import { html } from './html.ts'

interface SecretPage {
  readonly client: Pick<ClientMetadata, 'client_id' | 'client_name'>
  readonly secret: string | null
  /** What happened, such as "is created". */
  readonly done: string
}

/** The answer that shows a secret: the only one that ever will, and no cache keeps it. */
export function secretPage(asked: AdminRequest, { client, secret, done }: SecretPage): Response {
  const { client_id: id, client_name: name } = client
  return adminPage(asked, {
    title: name ?? id,
    back: { href: `${asked.home}/clients`, label: 'Clients' },
    body: html`<div class="notice good" role="status"><p><strong>${name ?? id}</strong> ${done}</p></div>
<div class="panel stack">
<div class="stack tight"><h2 id="id-label">Client ID</h2><code class="secret" aria-labelledby="id-label">${id}</code></div>
${
  secret === null
    ? html`<p class="muted">It has no secret.</p>`
    : html`<div class="stack tight"><h2 id="secret-label">Client secret</h2><code class="secret" id="client-secret" aria-labelledby="secret-label">${secret}</code></div>
<p><strong>Copy the secret now.</strong> <span class="muted">This page is the only place where it ever stands.</span></p>`
}
<p><a class="button primary" href="${clientHref(asked.home, 'show', id)}">${secret === null ? 'Go to the client' : 'I have copied it'}</a></p>
</div>`,
  })
}
