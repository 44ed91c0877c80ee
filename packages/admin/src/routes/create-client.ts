import { type ClientMetadata, usesClientSecret } from '@latchkey/protocol'
import { type AdminRequest, byAdmin, clientHref } from '../admin-request.ts'
import { checkDraft, draftFields, emptyDraft, type FieldProblems, readDraft } from '../client-form/client-draft.ts'
import { describeClient } from '../client-form/describe-client.ts'
import { drawClientForm } from '../client-form/draw-client-form.ts'
import type { ClientDraft } from '../client-form/fields.ts'
import { adminPage, hiddenFields } from '../pages/admin-page.ts'
import { html } from '../pages/html.ts'
import { secretPage } from '../pages/secret-page.ts'
import { isProven, prove } from '../proof.ts'
import { readPost } from '../read-post.ts'

export async function newClientForm(asked: AdminRequest): Promise<Response> {
  return formPage(asked, emptyDraft())
}

/** Three steps with one form: review what was typed, go back to it, or create. */
export async function createClient(asked: AdminRequest): Promise<Response> {
  const form = await readPost(asked)
  const draft = readDraft(form)
  const clientId = form.get('client_id') ?? newClientId(asked)
  const checked = checkDraft(draft, { client_id: clientId })
  if ('problems' in checked) return formPage(asked, draft, checked.problems)
  const step = form.get('step')
  if (step === 'back') return formPage(asked, draft)
  if (step === 'confirm' && isProven(asked.session, form.get('proof'), 'client_id', clientId)) {
    return create(asked, checked.client)
  }
  return reviewPage(asked, draft, { ...checked.client, client_id: newClientId(asked) })
}

async function create(asked: AdminRequest, client: ClientMetadata): Promise<Response> {
  const created = await asked.site.clients.create(client, byAdmin(asked))
  if (created.outcome === 'exists') return sentTwicePage(asked, client)
  return secretPage(asked, { client, secret: created.secret, done: 'is created.' })
}

/** 128 random bits: nobody guesses another client's name. It is chosen before the client is made, so that sending the form twice makes one client. */
function newClientId({ site }: AdminRequest): string {
  return Buffer.from(site.randomBytes(16)).toString('base64url')
}

function formPage(asked: AdminRequest, draft: ClientDraft, problems?: FieldProblems): Response {
  const { home } = asked
  const body = drawClientForm(asked, {
    draft,
    action: `${home}/clients/new`,
    cancelHref: `${home}/clients`,
    ...(problems === undefined ? {} : { problems }),
  })
  const status = problems === undefined ? 200 : 400
  return adminPage(asked, { title: 'New client', back: { href: `${home}/clients`, label: 'Clients' }, body, status })
}

function reviewPage(asked: AdminRequest, draft: ClientDraft, client: ClientMetadata): Response {
  const { home, session } = asked
  const hasSecret = usesClientSecret(client.token_endpoint_auth_method)
  const proof = prove(session, 'client_id', client.client_id)
  return adminPage(asked, {
    title: `Create ${client.client_name}?`,
    back: { href: `${home}/clients`, label: 'Clients' },
    body: html`<p>${hasSecret ? 'It gets a client ID and a secret. The secret is shown once, on the next page.' : 'It gets a client ID.'}</p>
<div class="panel">${describeClient(client)}</div>
<form class="row actions" method="post" action="${home}/clients/new">
${hiddenFields(asked, { ...draftFields(draft), client_id: client.client_id, proof })}
<button class="primary" name="step" value="confirm">Create client</button>
<button class="secondary" name="step" value="back">Back to the form</button>
</form>`,
  })
}

function sentTwicePage(asked: AdminRequest, client: ClientMetadata): Response {
  return adminPage(asked, {
    title: 'This client was created already',
    status: 409,
    back: { href: `${asked.home}/clients`, label: 'Clients' },
    body: html`<p>The form was sent a second time; nothing was made again. A secret is shown only once: if you did not copy it, make a new one on the client’s page.</p>
<p><a class="button primary" href="${clientHref(asked.home, 'show', client.client_id)}">Go to ${client.client_name}</a></p>`,
  })
}
