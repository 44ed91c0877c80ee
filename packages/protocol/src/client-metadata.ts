import {
  type ClientBackchannelMetadata,
  clientBackchannelFields,
  clientBackchannelProblems,
} from './client-backchannel.ts'
import {
  type ClientCredentialMetadata,
  clientCredentialFields,
  clientCredentialProblems,
} from './client-credentials.ts'
import { clientEndpointProblems } from './client-endpoints.ts'
import { type ClientRequestMetadata, clientRequestFields, clientRequestProblems } from './client-requests.ts'
import { type ClientResponseMetadata, clientResponseFields, clientResponseProblems } from './client-responses.ts'
import { nearestKey } from './config-error.ts'
import { redirectUriProblem } from './redirect-uri.ts'

/**
 * A registered client, in the registry's names.
 * @spec RFC 7591 §2; OIDC Registration §2; RP-Initiated Logout §3.1; Back-Channel Logout §2.2; Front-Channel Logout §2
 */
export interface ClientMetadata
  extends ClientRequestMetadata,
    ClientCredentialMetadata,
    ClientResponseMetadata,
    ClientBackchannelMetadata {
  readonly client_id: string
  readonly client_secret?: string
  readonly client_name?: string
  readonly client_uri?: string
  readonly logo_uri?: string
  readonly policy_uri?: string
  readonly tos_uri?: string
  readonly contacts?: readonly string[]
  readonly software_id?: string
  readonly software_version?: string
  readonly application_type: 'web' | 'native'
  /** Where a sign-in that began elsewhere is taken up. @spec OIDC Core §4 */
  readonly initiate_login_uri?: string
  readonly redirect_uris: readonly string[]
  readonly post_logout_redirect_uris: readonly string[]
  readonly backchannel_logout_uri?: string
  readonly backchannel_logout_session_required: boolean
  readonly frontchannel_logout_uri?: string
  readonly frontchannel_logout_session_required: boolean
  readonly grant_types: readonly string[]
  readonly response_types: readonly string[]
  readonly scope: string
  /** PKCE is always required of public clients. */
  readonly require_pkce: boolean
  readonly require_consent: boolean
  /** Whether a refresh token waits for the scope `offline_access`. */
  readonly refresh_token_requires_offline_access: boolean
  /** `fapi`: not rotated where the client is confidential or the token is bound to a key. @spec FAPI 2.0 §5.3.2.1 */
  readonly refresh_token_policy: 'rotate' | 'reuse' | 'fapi'
  /** Seconds; the narrowest of all lifetimes that apply counts. */
  readonly default_access_token_lifetime?: number
  /** Resource identifiers this client may ask for; empty means every registered one. */
  readonly resources: readonly string[]
  /** Whether its JWT access tokens name a place in a status list. @spec Token Status List §6.2 */
  readonly access_token_status_list: boolean
  /** Whether it may read what was revoked: an API guard. */
  readonly revocation_feed: boolean
}

type Kind =
  | 'text'
  | 'url'
  | 'list'
  | 'lines'
  | 'redirects'
  | 'boolean'
  | 'scope'
  | 'seconds'
  | 'jwks'
  | readonly string[]
interface Field {
  readonly kind: Kind
  readonly default?: unknown
  /** One line for the admin's form and the reference. */
  readonly says: string
}

export const supportedGrantTypes = [
  'authorization_code',
  'implicit',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:openid:params:grant-type:ciba',
] as const

/** Grants that only a client with a way to prove itself may use. @spec RFC 6749 §4.4; CIBA Core §4; RFC 8693 §5 */
const confidentialGrantTypes: readonly string[] = [
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:openid:params:grant-type:ciba',
]

/** One row a field: registration, the admin's form and the reference follow from it. */
export const clientMetadataFields: Readonly<Record<keyof ClientMetadata, Field>> = {
  client_id: { kind: 'text', says: 'The name by which the client introduces itself.' },
  client_secret: { kind: 'text', says: 'The secret of a confidential client.' },
  client_name: { kind: 'text', says: 'The name people see when they sign in.' },
  client_uri: { kind: 'url', says: 'The home page of the application.' },
  logo_uri: { kind: 'url', says: 'A picture shown on the consent page.' },
  policy_uri: { kind: 'url', says: 'How the application treats what it learns of people.' },
  tos_uri: { kind: 'url', says: 'The terms of the application.' },
  contacts: { kind: 'lines', says: 'Addresses of the people who are responsible for the application.' },
  software_id: { kind: 'text', says: 'Names the software, the same for each of its installations.' },
  software_version: { kind: 'text', says: 'The version of the software.' },
  application_type: {
    kind: ['web', 'native'],
    default: 'web',
    says: 'Whether the application runs on a host of its own or on the person’s device.',
  },
  initiate_login_uri: { kind: 'url', says: 'Where people are sent to start signing in to the application.' },
  redirect_uris: { kind: 'redirects', default: [], says: 'Where answers may go, each written out whole.' },
  post_logout_redirect_uris: { kind: 'redirects', default: [], says: 'Where people may land after signing out.' },
  backchannel_logout_uri: { kind: 'url', says: 'Told by the server, with a signed logout token, when a session ends.' },
  backchannel_logout_session_required: {
    kind: 'boolean',
    default: false,
    says: 'Whether its logout tokens must name the session.',
  },
  frontchannel_logout_uri: { kind: 'url', says: 'Loaded in a frame of the sign-out page when a session ends.' },
  frontchannel_logout_session_required: {
    kind: 'boolean',
    default: false,
    says: 'Whether that address gets the issuer and the session.',
  },
  grant_types: {
    kind: 'list',
    default: ['authorization_code'],
    says: 'What the client may present at the token endpoint.',
  },
  response_types: { kind: 'list', default: ['code'], says: 'What the client may ask the authorization endpoint for.' },
  scope: {
    kind: 'scope',
    default: 'openid profile email offline_access',
    says: 'The scope values the client may ask for, apart from those of resources.',
  },
  ...clientCredentialFields,
  ...clientResponseFields,
  require_pkce: { kind: 'boolean', default: true, says: 'Whether authorization requests need a code challenge.' },
  require_consent: { kind: 'boolean', default: true, says: 'Whether people are asked before scopes are granted.' },
  refresh_token_requires_offline_access: {
    kind: 'boolean',
    default: false,
    says: 'Whether refresh tokens wait for the scope offline_access.',
  },
  refresh_token_policy: {
    kind: ['rotate', 'reuse', 'fapi'],
    default: 'rotate',
    says: 'Whether each refresh brings a new refresh token; "fapi" keeps those that are bound to a client or a key.',
  },
  default_access_token_lifetime: {
    kind: 'seconds',
    says: 'How long its access tokens last at most, in seconds; shorter limits elsewhere still count.',
  },
  ...clientRequestFields,
  ...clientBackchannelFields,
  resources: { kind: 'list', default: [], says: 'The resources the client may ask for; none listed means all.' },
  access_token_status_list: {
    kind: 'boolean',
    default: false,
    says: 'Whether its JWT access tokens name a place in a status list, for APIs that pull revocations in the standard form.',
  },
  revocation_feed: {
    kind: 'boolean',
    default: false,
    says: 'Whether it may read the revocation feed, as the guard of an API does.',
  },
}

/** Reads one client from untrusted JSON: the client with defaults filled in, or every problem, each naming its field. */
export function readClientMetadata(input: unknown): { client: ClientMetadata } | { problems: readonly string[] } {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return { problems: ['must be an object'] }
  const known = Object.keys(clientMetadataFields)
  const problems: string[] = []
  for (const key of Object.keys(input)) {
    if (known.includes(key)) continue
    const near = nearestKey(key, known)
    problems.push(`unknown key "${key}"${near === undefined ? '' : `; did you mean "${near}"?`}`)
  }
  const values: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(clientMetadataFields)) {
    const given: unknown = (input as Record<string, unknown>)[name]
    const value = given === undefined ? field.default : given
    if (value === undefined) continue
    for (const problem of fieldProblems(field.kind, value)) problems.push(`${name} ${problem}`)
    values[name] = value
  }
  if (problems.length > 0) return { problems }
  const client = values as unknown as ClientMetadata
  const wrong = [...clientProblems(client)]
  return wrong.length > 0 ? { problems: wrong } : { client }
}

function* fieldProblems(kind: Kind, value: unknown): Generator<string> {
  if (Array.isArray(kind)) {
    if (typeof value !== 'string' || !kind.includes(value)) yield `must be one of ${kind.join(', ')}`
  } else if (kind === 'jwks') {
    if (typeof value !== 'object' || value === null || !('keys' in value)) yield 'must be an object with a list of keys'
  } else if (kind === 'boolean') {
    if (typeof value !== 'boolean') yield 'must be true or false'
  } else if (kind === 'seconds') {
    if (!Number.isSafeInteger(value) || Number(value) < 1) yield 'must be a whole number of seconds above zero'
  } else if (kind === 'list' || kind === 'lines' || kind === 'redirects') {
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string'))
      return yield 'must be a list of strings'
    if (kind === 'redirects') for (const uri of value) yield* redirectProblems(uri)
  } else if (typeof value !== 'string' || value === '') {
    yield 'must be a string that is not empty'
  } else if (kind === 'url' && !/^https?:\/\//.test(value)) {
    yield 'must be an http(s) URL'
  } else if (/[\u0000-\u001f\u007f]/.test(value)) {
    yield 'must not have control characters'
  }
}

function* redirectProblems(uri: string): Generator<string> {
  const problem = redirectUriProblem(uri)
  if (problem !== undefined) yield `"${uri}" ${problem}`
}

/** What fits no client as a whole. @spec RFC 7591 §2.1; RFC 9700 §2.1.1 */
function* clientProblems(client: ClientMetadata): Generator<string> {
  const isPublic = client.token_endpoint_auth_method === 'none'
  if (client.client_id === undefined) yield 'client_id is missing'
  if (isPublic && client.client_secret !== undefined)
    yield 'client_secret must be left out when token_endpoint_auth_method is "none"'
  for (const type of confidentialGrantTypes) {
    if (isPublic && client.grant_types.includes(type))
      yield `grant_types must not have ${type} when token_endpoint_auth_method is "none"`
  }
  // @spec RFC 9700 §4.14.2: a public client's refresh tokens are rotated or bound to a key
  if (isPublic && client.refresh_token_policy === 'reuse')
    yield 'refresh_token_policy must be rotate or fapi when token_endpoint_auth_method is "none"'
  if (isPublic && !client.require_pkce) yield 'require_pkce must be true when token_endpoint_auth_method is "none"'
  for (const type of client.grant_types) {
    if (!(supportedGrantTypes as readonly string[]).includes(type))
      yield `grant_types has "${type}"; supported: ${supportedGrantTypes.join(', ')}`
  }
  yield* clientRequestProblems(client)
  yield* clientEndpointProblems(client)
  yield* clientBackchannelProblems(client)
  yield* clientCredentialProblems(client)
  yield* clientResponseProblems(client)
  if (client.grant_types.includes('authorization_code') && client.redirect_uris.length === 0)
    yield 'redirect_uris must have at least one URI for the authorization_code grant'
}
