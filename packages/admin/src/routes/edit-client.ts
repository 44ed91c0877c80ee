import { type ClientMetadata, type Form, usesClientSecret } from '@latchkey/protocol'
import type { RegisteredClient } from '@latchkey/provider'
import { type AdminRequest, byAdmin, clientHref } from '../admin-request.ts'
import { checkDraft, draftFields, draftOf, type FieldProblems, readDraft } from '../client-form/client-draft.ts'
import { changedFields, describeChanges } from '../client-form/describe-client.ts'
import { drawClientForm } from '../client-form/draw-client-form.ts'
import type { ClientDraft } from '../client-form/fields.ts'
import { adminPage, hiddenFields, seeOther } from '../pages/admin-page.ts'
import { type Html, html } from '../pages/html.ts'
import { instant } from '../pages/instant.ts'
import { secretPage } from '../pages/secret-page.ts'
import { readPost } from '../read-post.ts'
import { findChangeable } from '../store-client.ts'
import { changedHref } from './show-client.ts'

export async function editClientForm(asked: AdminRequest): Promise<Response> {
  const client = await findChangeable(asked)
  return client instanceof Response ? client : formPage(asked, client, { draft: draftOf(client.metadata) })
}

/** Review what was typed, go back to it, or save; a change that someone else made meanwhile is never overwritten unseen. */
export async function editClient(asked: AdminRequest): Promise<Response> {
  const form = await readPost(asked)
  const client = await findChangeable(asked)
  if (client instanceof Response) return client
  const draft = readDraft(form)
  const checked = checkDraft(draft, client.metadata)
  if ('problems' in checked) return formPage(asked, client, { draft, problems: checked.problems, form })
  if (isStale(form, client)) return stalePage(asked, client, { draft, typed: checked.client })
  const step = form.get('step')
  if (step === 'back') return formPage(asked, client, { draft })
  const changed = changedFields(client.metadata, checked.client)
  if (changed.length === 0) return formPage(asked, client, { draft, notice: nothingChanged })
  return step === 'confirm'
    ? save(asked, client, { draft, after: checked.client })
    : reviewPage(asked, client, { draft, after: checked.client })
}

async function save(
  asked: AdminRequest,
  before: RegisteredClient,
  { draft, after }: { draft: ClientDraft; after: ClientMetadata },
): Promise<Response> {
  const { clients } = asked.site
  const { client_id: id } = after
  const by = byAdmin(asked)
  const detail = changedFields(before.metadata, after).join(', ')
  if ((await clients.update(after, before.version, { ...by, detail })) !== 'updated') {
    const newer = await findChangeable(asked)
    return newer instanceof Response ? newer : stalePage(asked, newer, { draft, typed: after })
  }
  if (needsSecret(before, after)) {
    const renewed = await clients.renewSecret(id, before.version + 1, by)
    if (renewed.outcome === 'renewed')
      return secretPage(asked, { client: after, secret: renewed.secret, done: 'is saved, and has a secret now.' })
  }
  return seeOther(changedHref(asked, id, changedFields(before.metadata, after)))
}

/** A client that comes to use a secret has none yet; one that comes to sign with it has its hash alone. */
function needsSecret(
  { secretHashes, sealedSecret }: Pick<RegisteredClient, 'secretHashes' | 'sealedSecret'>,
  { token_endpoint_auth_method: method }: ClientMetadata,
): boolean {
  if (method === 'client_secret_jwt' && sealedSecret === undefined) return true
  return usesClientSecret(method) && secretHashes.length === 0
}

function isStale(form: Form, client: RegisteredClient): boolean {
  return form.get('version') !== String(client.version)
}

interface EditForm {
  readonly draft: ClientDraft
  readonly problems?: FieldProblems
  readonly notice?: Html
  /** The form that was sent: what it was based on stays what it was. */
  readonly form?: Form
  readonly status?: number
}

function formPage(asked: AdminRequest, client: RegisteredClient, edit: EditForm): Response {
  const { client_id: id, client_name: name } = client.metadata
  const { draft, problems, notice, form, status } = edit
  const body = drawClientForm(asked, {
    draft,
    action: clientHref(asked.home, 'edit', id),
    cancelHref: clientHref(asked.home, 'show', id),
    hidden: { version: form?.get('version') ?? String(client.version) },
    ...(problems === undefined ? {} : { problems }),
    ...(notice === undefined ? {} : { notice }),
  })
  return adminPage(asked, {
    title: `Edit ${name ?? id}`,
    back: { href: clientHref(asked.home, 'show', id), label: name ?? id },
    status: status ?? (problems === undefined ? 200 : 400),
    body,
  })
}

const nothingChanged = html`<div class="notice" role="status"><p>Nothing is different from what is saved.</p></div>`

function reviewPage(
  asked: AdminRequest,
  before: RegisteredClient,
  { draft, after }: { draft: ClientDraft; after: ClientMetadata },
): Response {
  const { metadata, version } = before
  const { client_id: id, client_name: name } = metadata
  const losesSecret = !usesClientSecret(after.token_endpoint_auth_method) && before.secretHashes.length > 0
  const secret = losesSecret
    ? 'Its secret stops working at once.'
    : needsSecret(before, after)
      ? 'It gets a secret, shown once on the next page.'
      : null
  return adminPage(asked, {
    title: `Change ${name ?? id}?`,
    back: { href: clientHref(asked.home, 'show', id), label: name ?? id },
    body: html`<p>New requests follow the new settings at once; tokens already given out stay as they are.</p>
${secret === null ? null : html`<div class="notice warn"><p>${secret}</p></div>`}
${describeChanges({ before: metadata, after }, { before: 'Now', after: 'Then' })}
<form class="row actions" method="post" action="${clientHref(asked.home, 'edit', id)}">
${hiddenFields(asked, { ...draftFields(draft), version: String(version) })}
<button class="primary" name="step" value="confirm">Save changes</button>
<button class="secondary" name="step" value="back">Back to the form</button>
</form>`,
  })
}

/** Someone saved in between: theirs and yours beside each other, and yours ready to be saved over it. */
function stalePage(
  asked: AdminRequest,
  newer: RegisteredClient,
  { draft, typed }: { draft: ClientDraft; typed: ClientMetadata },
): Response {
  const differs = changedFields(newer.metadata, typed).length > 0
  const notice = html`<div class="notice warn" role="alert" tabindex="-1" autofocus>
<h2>Someone else changed this client ${instant(newer.updatedAt, asked.site.now())}</h2>
<p>${differs ? 'Nothing of yours was saved. What is saved now, and what you typed:' : 'What is saved now is what you typed: nothing is left to do.'}</p>
</div>
${differs ? describeChanges({ before: newer.metadata, after: typed }, { before: 'Saved now', after: 'Yours' }) : null}`
  return formPage(asked, newer, { draft, notice, status: 409 })
}
