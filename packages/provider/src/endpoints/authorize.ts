import { Form } from '@latchkey/protocol'
import { promptValues, readAuthorizationRequest } from '../authorization/authorization-request.ts'
import { beginInteraction } from '../authorization/begin-interaction.ts'
import { grantCode } from '../authorization/grant-code.ts'
import { refusalWithoutPage, whatIsNeeded } from '../authorization/needs.ts'
import { refuse, refuseOnPage } from '../authorization/refuse.ts'
import { type Asker, findAsker } from '../authorization/reply-to.ts'
import { currentSession } from '../authorization/session.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import type { Parts } from '../parts.ts'
import { responseModes } from '../response-modes/index.ts'

/** Asks a person whether a client may act for them. @spec RFC 6749 §3.1; OIDC Core §3.1.2 */
export function authorizeEndpoint(parts: Parts): Endpoint {
  return {
    path: '/authorize',
    methods: ['GET', 'POST'],
    cors: 'none',
    audience: 'person',
    refusal: 'authorization.refused',
    metadata: (url) => ({
      authorization_endpoint: url,
      response_types_supported: ['code'],
      response_modes_supported: responseModes.map(({ name }) => name),
      code_challenge_methods_supported: ['S256'],
      prompt_values_supported: promptValues,
      authorization_response_iss_parameter_supported: true,
      request_parameter_supported: false,
      request_uri_parameter_supported: false,
      claims_parameter_supported: false,
    }),
    handle: async (http) => {
      const asked = await readAsked(parts, http)
      if (asked instanceof Response) return asked
      try {
        return await authorize(parts, http, asked)
      } catch (error) {
        return refuse(parts, asked.asker, { error, requestId: http.requestId })
      }
    },
  }
}

interface Asked {
  readonly form: Form
  readonly asker: Asker
}

/** Up to here nobody knows whether the redirect URI can be trusted: what is wrong is shown, never redirected. */
async function readAsked(parts: Parts, http: EndpointRequest): Promise<Asked | Response> {
  try {
    const form = http.request.method === 'POST' ? await readForm(http.request) : Form.parse(http.query)
    return { form, asker: await findAsker(parts, form) }
  } catch (error) {
    return refuseOnPage(parts, http, error)
  }
}

async function authorize(parts: Parts, http: EndpointRequest, { form, asker }: Asked): Promise<Response> {
  const request = readAuthorizationRequest(parts, form, asker)
  const session = await currentSession(parts, http.request)
  const need = await whatIsNeeded(parts, request, { session, signedInHere: false })
  if (need === 'nothing' && session !== null) return grantCode(parts, request, { session, requestId: http.requestId })
  if (request.prompt.includes('none')) throw refusalWithoutPage(need === 'nothing' ? 'sign-in' : need)
  return beginInteraction(parts, http.request, {
    request: form.toString(),
    returnTo: null,
    label: { clientId: asker.client.metadata.client_id },
  })
}
