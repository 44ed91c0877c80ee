import { Form, OAuthError } from '@latchkey/protocol'
import { readAuthorizationRequest } from '../authorization/authorization-request.ts'
import { keepPushedRequest } from '../authorization/pushed-request.ts'
import { askerOf } from '../authorization/reply-to.ts'
import { requestObjectForm } from '../authorization/requested-form.ts'
import { authenticateClient } from '../client-auth/authenticate-client.ts'
import type { RegisteredClient } from '../config.ts'
import type { Endpoint } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { nonceHeaders, type ProvenKey, readProof, useProof } from '../sender-constraint/dpop.ts'

/** What only proves the client, and is not kept. @spec RFC 6749 §2.3.1; RFC 7521 §4.2 */
const credentials: readonly string[] = ['client_secret', 'client_assertion', 'client_assertion_type']

/** Takes an authorization request from the client itself, before the browser is sent. @spec RFC 9126 §2 */
export function pushedAuthorizationRequestEndpoint(parts: Parts): Endpoint {
  return {
    path: '/par',
    methods: ['POST'],
    cors: 'clients',
    audience: 'machine',
    refusal: 'authorization.refused',
    metadata: (url) => ({
      pushed_authorization_request_endpoint: url,
      require_pushed_authorization_requests: parts.requirePushedAuthorizationRequests,
    }),
    async handle(asked) {
      const sent = await readForm(asked.request)
      const proven = readProof(parts, asked)
      const client = await authenticateClient(parts, { request: asked.request, form: sent })
      const form = boundForm(await checkedForm(parts, client, sent), proven)
      if (proven !== null) await useProof(parts, proven)
      const kept = await keepPushedRequest(parts, client, { form, dpopJkt: proven?.jkt ?? null })
      return json(asked, kept, { status: 201, headers: nonceHeaders(parts) })
    },
  }
}

/** Everything is judged now, so that the person never meets a request that cannot be answered. @spec RFC 9126 §2.1 */
async function checkedForm(parts: Parts, client: RegisteredClient, sent: Form): Promise<Form> {
  if (sent.has('request_uri'))
    throw new OAuthError('invalid_request', 'a pushed request cannot refer to another: remove request_uri')
  const { client_id } = client.metadata
  const wire = formWithout(sent, credentials, { client_id })
  const form = await requestObjectForm(parts, client, wire)
  readAuthorizationRequest(parts, form, askerOf(client, form, null))
  return form
}

/** A proof binds the code to its key as `dpop_jkt` does; both must speak of one key. @spec RFC 9449 §10.1 */
function boundForm(form: Form, proven: ProvenKey | null): Form {
  if (proven === null) return form
  const named = form.get('dpop_jkt')
  if (named !== undefined && named !== proven.jkt)
    throw new OAuthError('invalid_dpop_proof', 'dpop_jkt is not the key of the DPoP proof')
  return formWithout(form, [], { dpop_jkt: proven.jkt })
}

/** Client authentication in a header names the client there; the kept request always does. */
function formWithout(form: Form, names: readonly string[], more: Readonly<Record<string, string>>): Form {
  const kept = form.names().filter((name) => !names.includes(name))
  return Form.of({ ...Object.fromEntries(kept.map((name) => [name, form.all(name)])), ...more })
}
