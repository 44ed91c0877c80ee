import { backchannelDeliveryModes, OAuthError } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'
import { authenticateClient } from '../client-auth/authenticate-client.ts'
import { newHandle } from '../crypto.ts'
import type { Endpoint } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { json } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { clientNameOf } from '../pending/approval-page.ts'
import { keptRequest, type PendingRequest, readPendingRequest } from '../pending/pending-request.ts'
import { algsUnder } from '../profiles/profile.ts'
import type { BackchannelRequest, CibaOptions } from './ciba-options.ts'
import { hintedPerson } from './hinted-person.ts'
import { readNotificationToken, sealPing } from './ping.ts'
import { signedForm } from './signed-request.ts'
import { checkUserCode } from './user-code.ts'
import { keepWaiting } from './waiting-requests.ts'

export const cibaGrantType = 'urn:openid:params:grant-type:ciba'
export const approvalsPath = '/approvals'

/** Seconds between two polls at first. @spec CIBA Core §7.3 */
const intervalSeconds = 5

/** Where a client asks for a person who is elsewhere. Tokens are fetched at the token endpoint. @spec CIBA Core §7 */
export function backchannelAuthenticationEndpoint(parts: Parts, options: CibaOptions): Endpoint {
  return {
    path: '/bc-authorize',
    methods: ['POST'],
    cors: 'none',
    audience: 'machine',
    metadata: (url) => ({
      backchannel_authentication_endpoint: url,
      backchannel_token_delivery_modes_supported: backchannelDeliveryModes,
      backchannel_user_code_parameter_supported: options.checkUserCode !== undefined,
      backchannel_authentication_request_signing_alg_values_supported: algsUnder(parts.profile),
    }),
    async handle(asked) {
      const sent = await readForm(asked.request)
      const client = await authenticateClient(parts, { request: asked.request, form: sent })
      const form = await signedForm(parts, client, sent)
      const request = readPendingRequest(parts, form, { client, grantType: cibaGrantType })
      // @spec CIBA Core §7.1
      if (!request.scope.includes('openid')) throw new OAuthError('invalid_scope', 'scope must have openid')
      const bindingMessage = readBindingMessage(form.get('binding_message'))
      const pingToken = readNotificationToken(form, client)
      const lifetime = readExpiry(form.get('requested_expiry'), parts.lifetimes.backchannel_request)
      const person = await hintedPerson(parts, form, { client, options })
      await checkUserCode(parts, form, { client, sub: person.sub, options })
      const authReqId = await keep(parts, { request, person, bindingMessage, pingToken, lifetime, options })
      return json(asked, { auth_req_id: authReqId, expires_in: lifetime, interval: intervalSeconds })
    },
  }
}

/** Short and of one line: it is shown on two devices. @spec CIBA Core §7.1, §13 */
function readBindingMessage(text: string | undefined): string | null {
  if (text === undefined) return null
  if (/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,80}$/u.test(text)) return text
  throw new OAuthError('invalid_binding_message', 'binding_message must be one line of at most 80 characters')
}

/** @spec CIBA Core §7.1 */
function readExpiry(text: string | undefined, most: number): number {
  if (text === undefined) return most
  if (!/^[1-9]\d{0,9}$/.test(text))
    throw new OAuthError('invalid_request', 'requested_expiry must be a number of seconds')
  return Math.min(Number(text), most)
}

interface Kept {
  readonly request: PendingRequest
  readonly person: Account
  readonly bindingMessage: string | null
  /** Null where the client polls. */
  readonly pingToken: string | null
  readonly lifetime: number
  readonly options: CibaOptions
}

async function keep(parts: Parts, kept: Kept): Promise<string> {
  const { request, person, bindingMessage, pingToken, lifetime, options } = kept
  const { handle, hash } = newHandle(parts.runtime)
  const now = Math.floor(parts.runtime.now())
  const expiresAt = now + lifetime
  const clientId = request.client.metadata.client_id
  const ping = pingToken === null ? null : sealPing(parts, hash, { authReqId: handle, token: pingToken })
  const isKept = await keepWaiting(parts, person.sub, {
    hash,
    kind: 'ciba',
    clientId,
    request: { ...keptRequest(request), sub: person.sub, bindingMessage, ping },
    intervalSeconds,
    createdAt: now,
    expiresAt,
  })
  if (!isKept) {
    throw new OAuthError('access_denied', 'too many requests wait for this person already; try again later')
  }
  await notify(parts, options, {
    sub: person.sub,
    clientId,
    clientName: clientNameOf(request),
    scope: request.scope,
    bindingMessage,
    approvalUri: parts.issuer + approvalsPath,
    expiresAt,
  })
  return handle
}

/** A message that fails takes nothing down: the request stands on the person's page all the same. */
async function notify(parts: Parts, options: CibaOptions, request: BackchannelRequest): Promise<void> {
  try {
    await options.notify?.(request)
  } catch (error) {
    const detail = `telling a person of a request failed: ${error instanceof Error ? error.message : String(error)}`
    const { sub, clientId } = request
    parts.emit({
      type: 'request.failed',
      at: parts.runtime.now(),
      requestId: 'backchannel notice',
      sub,
      clientId,
      detail,
    })
  }
}
