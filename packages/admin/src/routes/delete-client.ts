import type { RegisteredClient } from '@latchkey/provider'
import { type AdminRequest, byAdmin, clientHref } from '../admin-request.ts'
import { adminPage, hiddenFields, seeOther, unknownClientPage } from '../pages/admin-page.ts'
import { html } from '../pages/html.ts'
import { prove } from '../proof.ts'
import { readPost } from '../read-post.ts'
import { findChangeable } from '../store-client.ts'

export async function confirmDeletion(asked: AdminRequest): Promise<Response> {
  const client = await findChangeable(asked)
  return client instanceof Response ? client : confirmPage(asked, client)
}

/** Deletes once the name was typed. */
export async function deleteClient(asked: AdminRequest): Promise<Response> {
  const form = await readPost(asked)
  const client = await findChangeable(asked)
  if (client instanceof Response) return client
  const name = nameOf(client)
  const typed = form.get('name')?.trim()
  if (typed !== name) return confirmPage(asked, client, typed ?? '')
  const { client_id: clientId } = client.metadata
  const outcome = await asked.site.clients.delete(clientId, { ...byAdmin(asked), detail: name })
  if (outcome !== 'deleted') return unknownClientPage(asked, clientId)
  const proof = prove(asked.session, 'deleted', name)
  return seeOther(`${asked.home}/clients?deleted=${encodeURIComponent(name)}&proof=${proof}`)
}

/** What has to be typed. */
function nameOf({ metadata }: RegisteredClient): string {
  return metadata.client_name?.trim() || metadata.client_id
}

function confirmPage(asked: AdminRequest, client: RegisteredClient, mistyped?: string): Response {
  const { client_id: id } = client.metadata
  const name = nameOf(client)
  const isWrong = mistyped !== undefined
  const back = clientHref(asked.home, 'show', id)
  return adminPage(asked, {
    title: `Delete ${name}?`,
    status: isWrong ? 400 : 200,
    back: { href: back, label: name },
    body: html`<form class="panel stack" method="post" action="${clientHref(asked.home, 'delete', id)}">
${hiddenFields(asked)}
<p>This cannot be undone. At once:</p>
<ul>
<li>nobody can sign in to it any more: its client ID <code>${id}</code>${client.metadata.token_endpoint_auth_method === 'none' ? null : ' and its secret'} stop working;</li>
<li>every refresh token and every opaque access token it holds ends;</li>
<li>JWT access tokens it holds count as revoked here; an API that does not ask keeps accepting them until they expire.</li>
</ul>
<div class="field"><label for="name">Type <strong>${name}</strong> to delete it</label>
<input type="text" id="name" name="name" value="${mistyped ?? ''}" autocomplete="off" spellcheck="false" autocapitalize="off" ${isWrong ? html`aria-invalid="true" aria-describedby="name-error" autofocus` : null}>
${isWrong ? html`<p class="error" id="name-error">That is not its name: type ${name} exactly as it stands here.</p>` : null}</div>
<div class="row actions"><button class="danger">Delete client</button><a class="button" href="${back}">Keep it</a></div>
</form>`,
  })
}
