import { type Form, isRegisteredRedirectUri, OAuthError } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import type { Parts } from '../parts.ts'
import { responseModes } from '../response-modes/index.ts'
import type { ResponseMode } from '../response-modes/response-mode.ts'

declare const checked: unique symbol

/** Where an authorization response may go: proof that client and redirect URI were checked against each other. */
export interface ReplyTo {
  readonly [checked]: true
  readonly redirectUri: string
  /** Whether the request named the URI, or left it to the only one registered. */
  readonly redirectUriGiven: boolean
  readonly state: string | undefined
  readonly responseMode: ResponseMode
}

export interface Asker {
  readonly client: RegisteredClient
  readonly replyTo: ReplyTo
}

/**
 * Finds out who asks and where the answer may go. Whatever is wrong here is shown to the person and never redirected.
 * @throws OAuthError
 * @spec RFC 6749 §4.1.2.1; RFC 9700 §4.1.3
 */
export async function findAsker(parts: Pick<Parts, 'clients'>, form: Form): Promise<Asker> {
  const clientId = form.require('client_id')
  const client = await parts.clients.find(clientId)
  if (client === null) {
    throw new OAuthError('invalid_client', `client_id "${printable(clientId)}" is not registered here`)
  }
  const requested = form.get('redirect_uri')
  const mode = responseModes.find(({ name }) => name === form.get('response_mode')) ?? responseModes[0]
  const replyTo = {
    redirectUri: checkRedirectUri(client, requested),
    redirectUriGiven: requested !== undefined,
    state: form.get('state'),
    responseMode: mode,
  } as ReplyTo
  return { client, replyTo }
}

function checkRedirectUri(client: RegisteredClient, requested: string | undefined): string {
  const { client_id, redirect_uris } = client.metadata
  if (requested === undefined) {
    const [only, ...others] = redirect_uris
    if (only !== undefined && others.length === 0) return only
    throw new OAuthError('invalid_request', 'parameter "redirect_uri" is missing')
  }
  if (isRegisteredRedirectUri(requested, redirect_uris)) return requested
  throw new OAuthError(
    'invalid_request',
    `redirect_uri "${printable(requested)}" is not registered for client "${client_id}"`,
    { detail: `registered: ${redirect_uris.join(' ')}` },
  )
}

/** Sends an answer, or an error, to the client. @spec RFC 9207 §2; RFC 6749 §4.1.2 */
export function reply(
  parts: Pick<Parts, 'issuer' | 'basePath'>,
  replyTo: ReplyTo,
  parameters: Readonly<Record<string, string>>,
): Response {
  const state: Record<string, string> = replyTo.state === undefined ? {} : { state: replyTo.state }
  return replyTo.responseMode.send(replyTo.redirectUri, { ...parameters, ...state, iss: parts.issuer }, parts.basePath)
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
}
