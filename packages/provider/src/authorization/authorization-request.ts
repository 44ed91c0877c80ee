import {
  type AuthorizationDetail,
  type ClaimsRequest,
  canonicalResponseType,
  type Form,
  OAuthError,
  parseClaimsRequest,
  parseScope,
  readCodeChallenge,
} from '@latchkey/protocol'
import type { Resource } from '../config.ts'
import type { Parts } from '../parts.ts'
import { findResponseMode, responseModeNames } from '../response-modes/index.ts'
import { findResponseTypes } from '../response-types/index.ts'
import type { ResponseType } from '../response-types/response-type.ts'
import { namedResources } from '../tokens/target-resource.ts'
import { allowedScope } from './allowed-scope.ts'
import { readWantedContext, type WantedContext } from './authentication-context.ts'
import { readAuthorizationDetails } from './authorization-details.ts'
import { readExpectedSubs } from './expected-subs.ts'
import type { Asker } from './reply-to.ts'
import { type Prompt, readLocales, readMaxAge, readPrompt } from './request-parameters.ts'

/** A checked authorization request: nothing in it is open but the person's part. */
export interface AuthorizationRequest extends Asker {
  /** What the answer is made of. */
  readonly types: readonly ResponseType[]
  readonly scope: readonly string[]
  readonly resources: readonly Resource[]
  readonly authorizationDetails: readonly AuthorizationDetail[]
  readonly codeChallenge: string | null
  /** The key that the code will be bound to. @spec RFC 9449 §10 */
  readonly dpopJkt: string | null
  readonly nonce: string | null
  readonly claims: ClaimsRequest | undefined
  /** The languages in which the client wants claims, best first; empty when any will do. */
  readonly claimsLocales: readonly string[]
  readonly prompt: readonly Prompt[]
  /** Seconds that the sign-in may be old, or null. */
  readonly maxAge: number | null
  readonly wantedContext: WantedContext
  readonly loginHint: string | undefined
  /** Whom the client expects, or null when anyone will do. */
  readonly expectedSubs: readonly string[] | null
}

interface Asked {
  readonly form: Form
  readonly asker: Asker
  readonly types: readonly ResponseType[]
}

/** Each refuses one thing. They run in this order, and the first that throws answers the client. */
const checks: readonly ((asked: Asked) => void)[] = [registration, responseMode, mayUse, nonce, proofKey, dpopKey]

type Needed = Pick<
  Parts,
  | 'profile'
  | 'resources'
  | 'requireResource'
  | 'keys'
  | 'issuer'
  | 'accounts'
  | 'authorizationDetailsTypes'
  | 'subjects'
>

/**
 * @param form what counts of the request, whether it came in the query, pushed or as a request object
 * @throws OAuthError, to be sent to the client.
 * @spec RFC 6749 §4.1.1; OIDC Core §3.1.2.2
 */
export function readAuthorizationRequest(parts: Needed, form: Form, asker: Asker): AuthorizationRequest {
  const types = readResponseTypes(form)
  for (const check of checks) check({ form, asker, types })
  if (parts.profile.redirectUriAlways === true && !asker.replyTo.redirectUriGiven)
    throw new OAuthError('invalid_request', 'parameter "redirect_uri" is missing')
  const { client } = asker
  const resources = namedResources(parts, form, client)
  const claims = parseClaimsRequest(form.get('claims'))
  return {
    ...asker,
    types,
    resources,
    scope: allowedScope(wantedScope(form, types), { client, resources, known: parts.resources }),
    authorizationDetails: readAuthorizationDetails(parts.authorizationDetailsTypes, form, client),
    codeChallenge: readCodeChallenge(form.get('code_challenge'), form.get('code_challenge_method')) ?? null,
    dpopJkt: form.get('dpop_jkt') ?? null,
    nonce: form.get('nonce') ?? null,
    claims,
    claimsLocales: readLocales(form.get('claims_locales')),
    prompt: readPrompt(parts, form.get('prompt')),
    maxAge: readMaxAge(form.get('max_age')) ?? client.metadata.default_max_age ?? null,
    wantedContext: readWantedContext(form, claims, client),
    loginHint: form.get('login_hint'),
    expectedSubs: readExpectedSubs(parts, client, { hint: form.get('id_token_hint'), claims }),
  }
}

/** Nobody stays connected by an answer without a code. @spec OIDC Core §11 */
function wantedScope(form: Form, types: readonly ResponseType[]): readonly string[] {
  const values = parseScope(form.get('scope'))
  return types.some(({ name }) => name === 'code') ? values : values.filter((value) => value !== 'offline_access')
}

/** @spec RFC 6749 §3.1.1 */
function readResponseTypes(form: Form): readonly ResponseType[] {
  const types = findResponseTypes(form.require('response_type'))
  if (types === null) throw new OAuthError('unsupported_response_type', 'response_type is none that is supported here')
  return types
}

/** @spec OIDC Core §7.2.1 */
function registration({ form }: Asked): void {
  if (form.has('registration'))
    throw new OAuthError('registration_not_supported', 'parameter "registration" is not supported')
}

function responseMode({ form, asker, types }: Asked): void {
  const requested = form.get('response_mode')
  if (findResponseMode(requested, { types, redirectUri: asker.replyTo.redirectUri }) !== null) return
  throw new OAuthError(
    'invalid_request',
    responseModeNames.includes(requested ?? '')
      ? `response_mode ${requested} cannot carry this answer`
      : `response_mode must be one of ${responseModeNames.join(', ')}`,
  )
}

/** Implicit and hybrid answers are for clients that registered for them. @spec RFC 7591 §2.1; RFC 9700 §2.1.2 */
function mayUse({ form, asker, types }: Asked): void {
  const { response_types, grant_types } = asker.client.metadata
  const wanted = canonicalResponseType(form.require('response_type'))
  const registered = response_types.some((value) => canonicalResponseType(value) === wanted)
  if (registered && types.every(({ grantType }) => grant_types.includes(grantType))) return
  throw new OAuthError('unauthorized_client', `this client is not registered for the response_type ${wanted}`)
}

/** @spec OIDC Core §3.2.2.1, §3.3.2.11 */
function nonce({ form, types }: Asked): void {
  if (types.some(({ name }) => name === 'id_token') && !form.has('nonce'))
    throw new OAuthError('invalid_request', 'parameter "nonce" is missing: an ID token in the answer needs one')
}

/** @spec RFC 9700 §2.1.1; RFC 7636 §4.4.1 */
function proofKey({ form, asker, types }: Asked): void {
  const { token_endpoint_auth_method, require_pkce } = asker.client.metadata
  const challenge = readCodeChallenge(form.get('code_challenge'), form.get('code_challenge_method'))
  const needed = require_pkce || token_endpoint_auth_method === 'none'
  if (challenge === undefined && needed && types.some(({ name }) => name === 'code'))
    throw new OAuthError(
      'invalid_request',
      'parameter "code_challenge" is missing: this client has to use PKCE with S256',
    )
}

/** @spec RFC 9449 §10 */
function dpopKey({ form, asker, types }: Asked): void {
  const thumbprint = form.get('dpop_jkt')
  if (thumbprint !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(thumbprint))
    throw new OAuthError('invalid_request', 'dpop_jkt must be a SHA-256 JWK thumbprint: 43 characters')
  const { dpop_bound_access_tokens, tls_client_certificate_bound_access_tokens } = asker.client.metadata
  const unbound = tls_client_certificate_bound_access_tokens || (dpop_bound_access_tokens && thumbprint === undefined)
  if (unbound && types.some(({ name }) => name === 'token'))
    throw new OAuthError('invalid_request', 'the access tokens of this client are bound: ask for a code alone')
}
