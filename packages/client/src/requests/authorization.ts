import { encodeBase64url } from '@latchkey/protocol'
import { fill, hash } from '../encoding.ts'
import { insist } from './answer.ts'
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
  readonly acrValues?: readonly string[] | undefined
  readonly maxAgeSeconds?: number | null | undefined
}

export interface AuthorizationRequestOptions {
  readonly redirectUri: string
  readonly scope: string
  /** Of several, each can be asked for by itself later. @spec RFC 8707 §2 */
  readonly resource?: string | readonly string[] | undefined
  readonly prompt?: string | undefined
  readonly loginHint?: string | undefined
  /** Both are checked on return; null: however long ago. @spec OIDC Core §3.1.2.1; RFC 9470 §4 */
  readonly acrValues?: readonly string[] | undefined
  readonly maxAgeSeconds?: number | null | undefined
  readonly uiLocales?: readonly string[] | undefined
  readonly extraParameters?: Readonly<Record<string, string | undefined>> | undefined
}

/**
 * The address to send the person to, and what to remember meanwhile. Code and PKCE, always; pushed where the connection
 * can and the provider takes it. An extra parameter never replaces one that a check depends on.
 * @spec OIDC Core §3.1.2.1; RFC 7636 §4.3; RFC 9126 §4
 */
export async function createAuthorizationRequest(
  connection: ProviderConnection,
  options: AuthorizationRequestOptions,
): Promise<{ readonly url: string; readonly transaction: LoginTransaction }> {
  const server = await connection.metadata()
  const { runtime, push } = connection
  const { redirectUri, acrValues, maxAgeSeconds } = options
  insist('discovery_failed', connection.issuer, {
    require_pushed_authorization_requests: push ?? !server.require_pushed_authorization_requests,
  })
  const random = () => encodeBase64url(runtime.randomBytes(32))
  const [state, nonce, codeVerifier] = [random(), random(), random()]
  const extra = { ...options.extraParameters, request: null, request_uri: null, response_mode: null }
  const form = fill(fill(new URLSearchParams(), extra), {
    client_id: connection.clientId,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: options.scope,
    prompt: options.prompt,
    login_hint: options.loginHint,
    acr_values: acrValues?.join(' '),
    max_age: maxAgeSeconds?.toString(),
    ui_locales: options.uiLocales?.join(' '),
    resource: options.resource,
    state,
    nonce,
    code_challenge: await hash(codeVerifier),
    code_challenge_method: 'S256',
  })
  const url = new URL(server.authorization_endpoint)
  for (const [name, value] of (await push?.(connection, form)) ?? form) url.searchParams.append(name, value)
  const transaction = { state, nonce, codeVerifier, redirectUri, createdAt: runtime.now(), acrValues, maxAgeSeconds }
  return { url: url.href, transaction }
}
