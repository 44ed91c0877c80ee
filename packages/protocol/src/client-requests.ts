import { type SigningAlg, signingAlgs } from './algorithms.ts'
import type { ClientMetadata } from './client-metadata.ts'
import { isLoopbackHost } from './issuer.ts'

/** What a client says of its authorization requests and of their answers. */
export interface ClientRequestMetadata {
  /** The one algorithm of its request objects; any supported one when left out. @spec OIDC Registration §2 */
  readonly request_object_signing_alg?: SigningAlg
  /** Where request objects may be fetched from; a fragment says the hash of the content. @spec OIDC Registration §2 */
  readonly request_uris: readonly string[]
  /** @spec RFC 9101 §10.5 */
  readonly require_signed_request_object: boolean
  /** @spec RFC 9126 §6 */
  readonly require_pushed_authorization_requests: boolean
  /** @spec JARM §3 */
  readonly authorization_signed_response_alg: SigningAlg
  /** Seconds. @spec OIDC Registration §2 */
  readonly default_max_age?: number
  readonly default_acr_values: readonly string[]
  /** The types it may ask for; none listed means every one. @spec RFC 9396 §10 */
  readonly authorization_details_types: readonly string[]
}

/** Their rows in the table of client fields. */
export const clientRequestFields = {
  request_object_signing_alg: {
    kind: signingAlgs,
    says: 'The one algorithm that signs its request objects; any supported one when left out.',
  },
  request_uris: {
    kind: 'lines',
    default: [],
    says: 'Where request objects may be fetched from, each written out whole.',
  },
  require_signed_request_object: {
    kind: 'boolean',
    default: false,
    says: 'Whether authorization requests must come as a signed request object.',
  },
  require_pushed_authorization_requests: {
    kind: 'boolean',
    default: false,
    says: 'Whether authorization requests must be pushed before the browser is sent.',
  },
  authorization_signed_response_alg: {
    kind: signingAlgs,
    default: 'RS256',
    says: 'The algorithm that signs authorization responses, where it asks for signed ones.',
  },
  default_max_age: { kind: 'seconds', says: 'How old a sign-in may be, in seconds, where the request does not say.' },
  default_acr_values: {
    kind: 'lines',
    default: [],
    says: 'The authentication contexts it wants, best first, where the request does not say.',
  },
  authorization_details_types: {
    kind: 'lines',
    default: [],
    says: 'The types of authorization_details it may ask for; none listed means all.',
  },
} as const

/** The combinations that a client may register; the order of the words does not matter. @spec OIDC Core §3; RFC 6749 §3.1.1 */
export const supportedResponseTypes = [
  'code',
  'id_token',
  'id_token token',
  'code id_token',
  'code token',
  'code id_token token',
] as const

/** A `response_type` with its words in one order, so that two can be compared. @spec RFC 6749 §3.1.1 */
export function canonicalResponseType(value: string): string {
  return value.split(' ').sort().join(' ')
}

const supported = supportedResponseTypes.map(canonicalResponseType)

/** @spec RFC 7591 §2.1; OIDC Registration §2 */
export function* clientRequestProblems(client: ClientMetadata): Generator<string> {
  for (const type of client.response_types) {
    if (!supported.includes(canonicalResponseType(type))) {
      yield `response_types has "${type}"; supported: ${supportedResponseTypes.join(', ')}`
      continue
    }
    if (type !== 'code' && !client.grant_types.includes('implicit'))
      yield `response_types has "${type}", which needs implicit among grant_types`
    // The default ["code"] says nothing of a client that never comes to the authorization endpoint.
    if (type !== 'code' && type.split(' ').includes('code') && !client.grant_types.includes('authorization_code'))
      yield `response_types has "${type}", which needs authorization_code among grant_types`
  }
  if (client.grant_types.includes('implicit')) {
    if (client.redirect_uris.length === 0) yield 'redirect_uris must have at least one URI for the implicit grant'
    if (!client.response_types.some((type) => type !== 'code'))
      yield 'grant_types has implicit, but response_types has no type that needs it; take one of the two away'
  }
  for (const uri of client.request_uris) {
    const url = URL.canParse(uri) ? new URL(uri) : undefined
    if (url === undefined) yield `request_uris has "${uri}", which is no absolute URL`
    else if (url.protocol !== 'https:' && !isLoopbackHost(url.hostname))
      yield `request_uris has "${uri}", which must use https (http is for loopback addresses only)`
  }
}
