import { usesClientSecret } from '@latchkey/protocol'
import type { RegisteredClient } from '@latchkey/provider'
import { type AdminRequest, byAdmin, clientHref } from '../admin-request.ts'
import { adminPage, hiddenFields, unknownClientPage } from '../pages/admin-page.ts'
import { html } from '../pages/html.ts'
import { instant } from '../pages/instant.ts'
import { secretPage } from '../pages/secret-page.ts'
import { readPost } from '../read-post.ts'
import { findChangeable } from '../store-client.ts'

export async function confirmNewSecret(asked: AdminRequest): Promise<Response> {
  const client = await findConfidential(asked)
  return client instanceof Response ? client : confirmPage(asked, client)
}

/** How long the secret before stays valid, in seconds; the safest of them that breaks nothing comes first. */
const overlaps: readonly { readonly seconds: number; readonly words: string }[] = [
  { seconds: 86_400, words: 'One more day: put the new one in place meanwhile' },
  { seconds: 604_800, words: 'One more week' },
  { seconds: 0, words: 'Not at all: it stops working at once, for a secret that others may know' },
]

/** Makes a new secret once; sending the form again does nothing. */
export async function renewSecret(asked: AdminRequest): Promise<Response> {
  const form = await readPost(asked)
  const client = await findConfidential(asked)
  if (client instanceof Response) return client
  const { client_id: id } = client.metadata
  if (form.get('version') !== String(client.version)) return confirmPage(asked, client, true)
  const overlap = overlaps.find(({ seconds }) => form.get('previous') === String(seconds))
  if (overlap === undefined) return confirmPage(asked, client)
  const how = { ...byAdmin(asked), previousSeconds: overlap.seconds }
  const renewed = await asked.site.clients.renewSecret(id, client.version, how)
  if (renewed.outcome === 'renewed') {
    const done =
      overlap.seconds === 0
        ? 'has a new secret. The one before has stopped working.'
        : 'has a new secret. The one before stays valid for a while; its page says until when.'
    return secretPage(asked, { client: client.metadata, secret: renewed.secret, done })
  }
  const newer = await findConfidential(asked)
  return newer instanceof Response ? newer : confirmPage(asked, newer, true)
}

async function findConfidential(asked: AdminRequest): Promise<RegisteredClient | Response> {
  const client = await findChangeable(asked)
  if (client instanceof Response || usesClientSecret(client.metadata.token_endpoint_auth_method)) return client
  return unknownClientPage(asked, client.metadata.client_id)
}

function confirmPage(asked: AdminRequest, client: RegisteredClient, changedMeanwhile = false): Response {
  const { client_id: id, client_name } = client.metadata
  const name = client_name ?? id
  const back = clientHref(asked.home, 'show', id)
  const notice = html`<div class="notice warn" role="alert"><h2>This client changed ${instant(client.updatedAt, asked.site.now())}</h2><p>Perhaps this form was sent twice, or someone else made a new secret. Nothing was done now.</p></div>`
  return adminPage(asked, {
    title: `New secret for ${name}?`,
    status: changedMeanwhile ? 409 : 200,
    back: { href: back, label: name },
    body: html`${changedMeanwhile ? notice : null}<form class="panel stack" method="post" action="${clientHref(asked.home, 'new-secret', id)}">
${hiddenFields(asked, { version: String(client.version) })}
<fieldset class="field"><legend>How long the secret it has now stays valid</legend><div class="choices">${overlaps.map(
      ({ seconds, words }, index) =>
        html`<label class="choice"><input type="radio" name="previous" value="${String(seconds)}" ${index === 0 ? html`checked` : null}><span>${words}</span></label>`,
    )}</div></fieldset>
<p>Tokens already given out stay valid. A client has two secrets at most: one that was kept before this ends now.</p>
<div class="row actions"><button class="primary">Make a new secret</button><a class="button" href="${back}">Keep the old one</a></div>
</form>`,
  })
}
