import { Form, OAuthError } from '@latchkey/protocol'
import { authenticateClient } from '../client-auth/authenticate-client.ts'
import type { Parts } from '../parts.ts'

const noForm = Form.parse('')

/**
 * The client that may read the feed: it authenticates in its header or by its certificate, and has `revocation_feed`.
 * The flag is ours to give: no client registers itself with it.
 * @throws OAuthError `invalid_client`, or `access_denied` without the flag
 */
export async function requireFeedClient(parts: Parts, request: Request): Promise<string> {
  const { metadata } = await authenticateClient(parts, { request, form: noForm })
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
