import { type Form, OAuthError, parseScope, readCodeChallenge } from '@latchkey/protocol'
import type { RegisteredClient, Resource } from '../config.ts'
import type { Parts } from '../parts.ts'
import { responseModes } from '../response-modes/index.ts'
import { allowedScope } from './allowed-scope.ts'
import { readIdTokenHint } from './id-token-hint.ts'
import type { Asker } from './reply-to.ts'

export const promptValues = ['none', 'login', 'consent', 'select_account'] as const
export type Prompt = (typeof promptValues)[number]

/** A checked authorization request: nothing in it is open but the person's part. */
export interface AuthorizationRequest extends Asker {
  readonly scope: readonly string[]
  readonly resources: readonly Resource[]
  readonly codeChallenge: string | null
  readonly nonce: string | null
  readonly prompt: readonly Prompt[]
  /** Seconds that the sign-in may be old, or null. */
  readonly maxAge: number | null
  readonly loginHint: string | undefined
  /** Whom the client expects, or null. */
  readonly hintedSub: string | null
}

interface Asked {
  readonly form: Form
  readonly client: RegisteredClient
}

/** Each refuses one thing. They run in this order, and the first that throws answers the client. */
const checks: readonly ((asked: Asked) => void)[] = [
  requestObject,
  requestUri,
  registration,
  responseMode,
  responseType,
  mayUseCode,
  proofKey,
]

type Needed = Pick<Parts, 'resources' | 'keys' | 'issuer'>

/** @throws OAuthError, to be sent to the client. @spec RFC 6749 §4.1.1; OIDC Core §3.1.2.2 */
export function readAuthorizationRequest(parts: Needed, form: Form, asker: Asker): AuthorizationRequest {
  for (const check of checks) check({ form, client: asker.client })
  const resources = readResources(parts, form, asker.client)
  return {
    ...asker,
    resources,
    scope: allowedScope(parseScope(form.get('scope')), { client: asker.client, resources, known: parts.resources }),
    codeChallenge: readCodeChallenge(form.get('code_challenge'), form.get('code_challenge_method')) ?? null,
    nonce: form.get('nonce') ?? null,
    prompt: readPrompt(form.get('prompt')),
    maxAge: readMaxAge(form.get('max_age')),
    loginHint: form.get('login_hint'),
    hintedSub: readHintedSub(parts, form.get('id_token_hint')),
  }
}

/** @spec OIDC Core §6.1 */
function requestObject({ form }: Asked): void {
  if (form.has('request')) throw new OAuthError('request_not_supported', 'parameter "request" is not supported')
}

/** @spec OIDC Core §6.2 */
function requestUri({ form }: Asked): void {
  if (form.has('request_uri'))
    throw new OAuthError('request_uri_not_supported', 'parameter "request_uri" is not supported')
}

/** @spec OIDC Core §7.2.1 */
function registration({ form }: Asked): void {
  if (form.has('registration'))
    throw new OAuthError('registration_not_supported', 'parameter "registration" is not supported')
}

function responseMode({ form }: Asked): void {
  const mode = form.get('response_mode')
  if (mode === undefined || responseModes.some(({ name }) => name === mode)) return
  throw new OAuthError(
    'invalid_request',
    `response_mode must be one of ${responseModes.map(({ name }) => name).join(', ')}`,
  )
}

/** @spec RFC 6749 §3.1.1; RFC 9700 §2.1.2 */
function responseType({ form }: Asked): void {
  if (form.require('response_type') !== 'code')
    throw new OAuthError('unsupported_response_type', 'response_type must be code')
}

function mayUseCode({ client: { metadata } }: Asked): void {
  if (metadata.response_types.includes('code') && metadata.grant_types.includes('authorization_code')) return
  throw new OAuthError('unauthorized_client', 'this client is not registered for the authorization code grant')
}

/** @spec RFC 9700 §2.1.1; RFC 7636 §4.4.1 */
function proofKey({ form, client: { metadata } }: Asked): void {
  const isPublic = metadata.token_endpoint_auth_method === 'none'
  const challenge = readCodeChallenge(form.get('code_challenge'), form.get('code_challenge_method'))
  if (challenge === undefined && (isPublic || metadata.require_pkce))
    throw new OAuthError(
      'invalid_request',
      'parameter "code_challenge" is missing: this client has to use PKCE with S256',
    )
}

/** `audience` says the same as `resource`: single-page applications send it. @spec RFC 8707 §2 */
function readResources({ resources }: Needed, form: Form, client: RegisteredClient): readonly Resource[] {
  const identifiers = new Set([...form.all('resource'), ...form.all('audience')])
  const { client_id, resources: allowed } = client.metadata
  return [...identifiers].map((identifier) => {
    const resource = resources.get(identifier)
    if (resource === undefined)
      throw new OAuthError('invalid_target', 'the resource or audience is not registered here')
    if (allowed.length > 0 && !allowed.includes(identifier))
      throw new OAuthError('invalid_target', `client "${client_id}" may not ask for ${identifier}`)
    return resource
  })
}

/** @spec OIDC Core §3.1.2.1 */
function readPrompt(text: string | undefined): readonly Prompt[] {
  const values = parseScope(text)
  const known = values.filter((value): value is Prompt => (promptValues as readonly string[]).includes(value))
  if (known.length < values.length)
    throw new OAuthError('invalid_request', `prompt must be made of ${promptValues.join(', ')}`)
  if (known.includes('none') && known.length > 1)
    throw new OAuthError('invalid_request', 'prompt "none" stands alone or not at all')
  return known
}

function readMaxAge(text: string | undefined): number | null {
  if (text === undefined) return null
  if (!/^\d{1,10}$/.test(text)) throw new OAuthError('invalid_request', 'max_age must be a number of seconds')
  return Number(text)
}

function readHintedSub(parts: Needed, hint: string | undefined): string | null {
  if (hint === undefined) return null
  const claims = readIdTokenHint(parts, hint)
  if (claims === null) throw new OAuthError('invalid_request', 'id_token_hint is no ID token of this provider')
  return claims.sub
}
