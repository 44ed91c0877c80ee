import { Form, OAuthError } from '@latchkey/protocol'
import { authenticateClient } from '../client-auth/authenticate-client.ts'
import { readForm } from '../http/read-form.ts'
import type { Parts } from '../parts.ts'

const noForm = Form.parse('')
/** The parameters by which a client proves itself in a body. */
const proofParameters = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type']

/**
 * The client that may read the feed: it authenticates in any way, and has `revocation_feed`.
 * The flag is ours to give: no client registers itself with it.
 * @throws OAuthError `invalid_client`, or `access_denied` without the flag
 */
export async function requireFeedClient(parts: Parts, request: Request, form: Form = noForm): Promise<string> {
  const { metadata } = await authenticateClient(parts, { request, form })
  if (metadata.token_endpoint_auth_method === 'none') {
    throw new OAuthError('invalid_client', 'the revocation feed needs a client that authenticates')
  }
  if (metadata.revocation_feed !== true) {
    throw new OAuthError('access_denied', 'this client may not read the revocation feed: set revocation_feed to true')
  }
  return metadata.client_id
}

/** Whether an open stream may go on: the client is still there and still may. */
export async function mayStillRead(parts: Pick<Parts, 'clients'>, clientId: string): Promise<boolean> {
  const client = await parts.clients.find(clientId)
  return client?.metadata.revocation_feed === true
}

/** What a POST carries, so that assertions and secrets can be sent in it; a GET carries nothing. @spec RFC 7521 §4.2 */
export async function feedForm(request: Request): Promise<Form> {
  return request.method === 'POST' ? readForm(request) : noForm
}

/** The same members of a poll's JSON. */
export function proofIn(body: object): Form {
  const members = Object.entries(body).filter(
    ([name, value]) => proofParameters.includes(name) && typeof value === 'string',
  )
  return Form.parse(new URLSearchParams(members as [string, string][]).toString())
}
