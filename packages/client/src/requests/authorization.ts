import { encodeBase64url } from '@latchkey/protocol'
import * as oauth from 'oauth4webapi'
import type { ProviderConnection } from './provider-connection.ts'

/** What has to be remembered between leaving for the provider and coming back; secret until then, useless after. */
export interface LoginTransaction {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  readonly redirectUri: string
  /** Epoch seconds. */
  readonly createdAt: number
}

export interface AuthorizationRequestOptions {
  readonly redirectUri: string
  readonly scope: string
  /** Of several, each can be asked for by itself later. @spec RFC 8707 §2 */
  readonly resource?: string | readonly string[]
  readonly prompt?: 'none' | 'login' | 'consent' | 'select_account'
  readonly loginHint?: string
  readonly extraParameters?: Readonly<Record<string, string>>
}

/** Parameters that only this function sets: an extra one of the same name would undo a check. */
const reserved = new Set([
  'client_id',
  'response_type',
  'response_mode',
  'redirect_uri',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
])

/** The address to send the person to, and what to remember meanwhile. @spec OIDC Core §3.1.2.1; RFC 7636 §4.3 */
export async function createAuthorizationRequest(
  connection: ProviderConnection,
  options: AuthorizationRequestOptions,
): Promise<{ readonly url: string; readonly transaction: LoginTransaction }> {
  const { authorization_endpoint: endpoint } = await connection.metadata()
  const { runtime, clientId } = connection
  const random = () => encodeBase64url(runtime.randomBytes(32))
  const transaction: LoginTransaction = {
    state: random(),
    nonce: random(),
    codeVerifier: random(),
    redirectUri: options.redirectUri,
    createdAt: runtime.now(),
  }
  const url = new URL(endpoint ?? '')
  for (const [name, value] of Object.entries(options.extraParameters ?? {})) {
    if (!reserved.has(name)) url.searchParams.set(name, value)
  }
  const parameters: Record<string, string | undefined> = {
    client_id: clientId,
    response_type: 'code',
    redirect_uri: options.redirectUri,
    scope: options.scope,
    prompt: options.prompt,
    login_hint: options.loginHint,
    state: transaction.state,
    nonce: transaction.nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(transaction.codeVerifier),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) url.searchParams.set(name, value)
  }
  if (options.resource !== undefined) url.searchParams.delete('resource')
  for (const resource of [options.resource ?? []].flat()) url.searchParams.append('resource', resource)
  return { url: url.href, transaction }
}
