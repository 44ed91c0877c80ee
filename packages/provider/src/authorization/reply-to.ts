import { type Form, isRegisteredRedirectUri, OAuthError, parseScope } from '@latchkey/protocol'
import type { RegisteredClient } from '../config.ts'
import { type Locale, localeOf } from '../pages/texts/index.ts'
import type { Parts } from '../parts.ts'
import { defaultMode, findResponseMode } from '../response-modes/index.ts'
import type { ResponseMode, Sending } from '../response-modes/response-mode.ts'
import { findResponseTypes } from '../response-types/index.ts'

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
  /** The language of pages on the way. */
  readonly locale: Locale
}

/** @throws OAuthError to be shown, never redirected. */
export async function findClient({ clients }: Pick<Parts, 'clients'>, form: Form): Promise<RegisteredClient> {
  const clientId = form.require('client_id')
  const client = await clients.find(clientId)
  if (client === null) {
    throw new OAuthError('invalid_client', `client_id "${printable(clientId)}" is not registered here`)
  }
  return client
}

/**
 * Where the answer may go. Whatever is wrong here is shown to the person and never redirected.
 * @param acceptLanguage the browser's languages, which count after those of the request
 * @throws OAuthError
 * @spec RFC 6749 §4.1.2.1; RFC 9700 §4.1.3
 */
export function askerOf(client: RegisteredClient, form: Form, acceptLanguage: string | null): Asker {
  const requested = form.get('redirect_uri')
  const redirectUri = requested === undefined ? onlyRedirectUri(client, form) : checkRedirectUri(client, requested)
  const types = findResponseTypes(form.get('response_type') ?? '') ?? []
  const replyTo = {
    redirectUri,
    redirectUriGiven: requested !== undefined,
    state: form.get('state'),
    // Where the mode is at fault, the default one tells of it.
    responseMode: findResponseMode(form.get('response_mode'), { types, redirectUri }) ?? defaultMode(types),
  } as ReplyTo
  return { client, replyTo, locale: localeOf(form.get('ui_locales'), acceptLanguage) }
}

/** Plain OAuth may leave the only one out, OpenID Connect may not. @spec RFC 6749 §3.1.2.3; OIDC Core §3.1.2.1 */
function onlyRedirectUri({ metadata }: RegisteredClient, form: Form): string {
  const [only, ...others] = metadata.redirect_uris
  const isOpenid = parseScope(form.get('scope')).includes('openid')
  if (only !== undefined && others.length === 0 && !isOpenid) return only
  throw new OAuthError('invalid_request', 'parameter "redirect_uri" is missing')
}

function checkRedirectUri(client: RegisteredClient, requested: string): string {
  const { client_id, redirect_uris } = client.metadata
  if (isRegisteredRedirectUri(requested, redirect_uris)) return requested
  throw new OAuthError(
    'invalid_request',
    `redirect_uri "${printable(requested)}" is not registered for client "${client_id}"`,
    { detail: `registered: ${redirect_uris.join(' ')}` },
  )
}

/** Sends an answer, or an error, to the client. @spec RFC 9207 §2; RFC 6749 §4.1.2 */
export function reply(
  parts: Sending,
  { client, replyTo, locale }: Asker,
  parameters: Readonly<Record<string, string>>,
): Promise<Response> {
  const state: Record<string, string> = replyTo.state === undefined ? {} : { state: replyTo.state }
  return replyTo.responseMode.send(parts, {
    client,
    redirectUri: replyTo.redirectUri,
    parameters: { ...parameters, ...state, iss: parts.issuer },
    locale,
  })
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200)
}
