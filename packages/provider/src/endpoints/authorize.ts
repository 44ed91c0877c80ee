import { contentEncryptionAlgs, Form, keyManagementAlgs, supportedResponseTypes } from '@latchkey/protocol'
import { readAuthorizationRequest } from '../authorization/authorization-request.ts'
import { beginInteraction } from '../authorization/begin-interaction.ts'
import { grantRequest } from '../authorization/grant-request.ts'
import { refusalWithoutPage, whatIsNeeded } from '../authorization/needs.ts'
import { spendPushedRequest, usedUp } from '../authorization/pushed-request.ts'
import { refuse, refuseOnPage } from '../authorization/refuse.ts'
import { type Asker, askerOf, findClient } from '../authorization/reply-to.ts'
import { promptValues } from '../authorization/request-parameters.ts'
import { requestedForm } from '../authorization/requested-form.ts'
import { currentSession } from '../authorization/session.ts'
import type { RegisteredClient } from '../config.ts'
import type { Endpoint, EndpointRequest } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { displays } from '../pages/page.ts'
import { locales } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import { algsUnder } from '../profiles/profile.ts'
import { responseModeNames } from '../response-modes/index.ts'

/** Asks a person whether a client may act for them. @spec RFC 6749 §3.1; OIDC Core §3.1.2 */
export function authorizeEndpoint(parts: Parts): Endpoint {
  return {
    path: '/authorize',
    methods: ['GET', 'POST'],
    cors: 'none',
    audience: 'person',
    refusal: 'authorization.refused',
    metadata: (url) => ({ authorization_endpoint: url, ...describe(parts) }),
    handle: async (http) => {
      // Whoever looks whether the address answers must neither use up a pushed request nor get a code.
      if (http.request.method === 'HEAD') return new Response(null, { headers: { 'cache-control': 'no-store' } })
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

function describe(parts: Parts) {
  const { acrValues, authorizationDetailsTypes: details, profile, unsignedRequestObjects } = parts
  return {
    response_types_supported: profile.responseTypes ?? supportedResponseTypes,
    response_modes_supported: responseModeNames,
    authorization_signing_alg_values_supported: algsUnder(profile),
    authorization_encryption_alg_values_supported: keyManagementAlgs,
    authorization_encryption_enc_values_supported: contentEncryptionAlgs,
    code_challenge_methods_supported: ['S256'],
    prompt_values_supported: promptValues(parts),
    display_values_supported: displays,
    ui_locales_supported: locales,
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: true,
    request_parameter_supported: true,
    request_uri_parameter_supported: true,
    require_request_uri_registration: true,
    request_object_signing_alg_values_supported: [...algsUnder(profile), ...(unsignedRequestObjects ? ['none'] : [])],
    ...(acrValues.length === 0 ? {} : { acr_values_supported: acrValues.map(({ value }) => value) }),
    ...(details.size === 0 ? {} : { authorization_details_types_supported: [...details.keys()] }),
  }
}

interface Asked {
  /** What counts of the request. */
  readonly form: Form
  readonly asker: Asker
}

/** As long as nobody knows whether the redirect URI can be trusted, what is wrong is shown and never redirected. */
async function readAsked(parts: Parts, http: EndpointRequest): Promise<Asked | Response> {
  const acceptLanguage = http.request.headers.get('accept-language')
  try {
    const wire = http.request.method === 'POST' ? await readForm(http.request) : Form.parse(http.query)
    const client = await findClient(parts, wire)
    const form = await requestedOrRefused(parts, http, { client, wire })
    return form instanceof Response ? form : { form, asker: askerOf(client, form, acceptLanguage) }
  } catch (error) {
    return refuseOnPage(parts, http, error)
  }
}

/** A bad request object or request_uri is told to the client where the parameters beside it name a registered address. */
async function requestedOrRefused(
  parts: Parts,
  http: EndpointRequest,
  { client, wire }: { client: RegisteredClient; wire: Form },
): Promise<Form | Response> {
  try {
    return await requestedForm(parts, client, wire)
  } catch (error) {
    const asker = beside(client, wire, http)
    if (asker === null) throw error
    return refuse(parts, asker, { error, requestId: http.requestId })
  }
}

function beside(client: RegisteredClient, wire: Form, http: EndpointRequest): Asker | null {
  if (!wire.has('redirect_uri')) return null
  try {
    return askerOf(client, wire, http.request.headers.get('accept-language'))
  } catch {
    return null
  }
}

async function authorize(parts: Parts, http: EndpointRequest, { form, asker }: Asked): Promise<Response> {
  const request = readAuthorizationRequest(parts, form, asker)
  const session = await currentSession(parts, http.request)
  const need = await whatIsNeeded(parts, request, { session, signedInHere: false })
  if (need === 'nothing' && session !== null) {
    if (!(await spendPushedRequest(parts, asker.client, form))) throw usedUp()
    return await grantRequest(parts, request, { session, requestId: http.requestId })
  }
  if (request.prompt.includes('none')) throw refusalWithoutPage(need === 'nothing' ? 'sign-in' : need)
  return beginInteraction(parts, http.request, {
    request: form.toString(),
    returnTo: null,
    label: { clientId: asker.client.metadata.client_id },
  })
}
