import { encodeBase64url, ProtocolError } from '@latchkey/protocol'
import type { ProviderConnection } from './provider-connection.ts'

/** What has to be remembered between leaving for the provider and coming back; secret until then, useless after. */
export interface LoginTransaction {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  readonly redirectUri: string
  /** Epoch seconds. */
  readonly createdAt: number
  /** What was asked of the sign-in, for the check on return. */
  readonly acrValues?: readonly string[]
  readonly maxAgeSeconds?: number
}

export interface AuthorizationRequestOptions {
  readonly redirectUri: string
  readonly scope: string
  /** Of several, each can be asked for by itself later. @spec RFC 8707 §2 */
  readonly resource?: string | readonly string[]
  readonly prompt?: string | undefined
  readonly loginHint?: string | undefined
  /** Both are checked on return. @spec OIDC Core §3.1.2.1; RFC 9470 §4 */
  readonly acrValues?: readonly string[] | undefined
  readonly maxAgeSeconds?: number | undefined
  readonly uiLocales?: readonly string[] | undefined
  readonly extraParameters?: Readonly<Record<string, string | undefined>>
}

/** Parameters that only this function sets: an extra one of the same name would undo a check. */
const reserved =
  /^(client_id|response_type|response_mode|redirect_uri|state|nonce|code_challenge|code_challenge_method|request|request_uri)$/

/**
 * The address to send the person to, and what to remember meanwhile. Code and PKCE, always; pushed where the connection
 * can and the provider takes it. @spec OIDC Core §3.1.2.1; RFC 7636 §4.3; RFC 9126 §4
 */
export async function createAuthorizationRequest(
  connection: ProviderConnection,
  options: AuthorizationRequestOptions,
): Promise<{ readonly url: string; readonly transaction: LoginTransaction }> {
  const server = await connection.metadata()
  const { runtime, clientId, push } = connection
  const { acrValues, maxAgeSeconds } = options
  const random = () => encodeBase64url(runtime.randomBytes(32))
  const transaction: LoginTransaction = {
    state: random(),
    nonce: random(),
    codeVerifier: random(),
    redirectUri: options.redirectUri,
    createdAt: runtime.now(),
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  }
  const parameters = await parametersOf(clientId, options, transaction)
  const url = new URL(server.authorization_endpoint)
  if (push !== undefined && server.pushed_authorization_request_endpoint !== undefined) {
    parameters.delete('client_id')
    const requestUri = await push(connection, parameters)
    url.searchParams.set('client_id', clientId)
    url.searchParams.set('request_uri', requestUri)
  } else if (server.require_pushed_authorization_requests === true) {
    throw new ProtocolError('discovery_failed', 'the provider takes pushed authorization requests only: add that part')
  } else {
    for (const [name, value] of parameters) url.searchParams.append(name, value)
  }
  return { url: url.href, transaction }
}

async function parametersOf(
  clientId: string,
  options: AuthorizationRequestOptions,
  transaction: LoginTransaction,
): Promise<URLSearchParams> {
  const parameters = new URLSearchParams()
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') parameters.set(name, value)
  }
  for (const [name, value] of Object.entries(options.extraParameters ?? {})) if (!reserved.test(name)) set(name, value)
  set('client_id', clientId)
  set('response_type', 'code')
  set('redirect_uri', options.redirectUri)
  set('scope', options.scope)
  set('prompt', options.prompt)
  set('login_hint', options.loginHint)
  set('acr_values', options.acrValues?.join(' '))
  set('max_age', options.maxAgeSeconds?.toString())
  set('ui_locales', options.uiLocales?.join(' '))
  set('state', transaction.state)
  set('nonce', transaction.nonce)
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(transaction.codeVerifier))
  set('code_challenge', encodeBase64url(new Uint8Array(digest)))
  set('code_challenge_method', 'S256')
  const resources = [options.resource ?? []].flat()
  if (resources.length > 0) parameters.delete('resource')
  for (const resource of new Set(resources)) parameters.append('resource', resource)
  return parameters
}
