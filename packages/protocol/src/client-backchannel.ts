import { type SigningAlg, signingAlgs } from './algorithms.ts'
import type { ClientMetadata } from './client-metadata.ts'

/** How tokens that a person allows on another device reach the client. @spec CIBA Core §5 */
export const backchannelDeliveryModes = ['poll', 'ping'] as const

/** What a client says of asking people who are elsewhere. @spec CIBA Core §4 */
export interface ClientBackchannelMetadata {
  readonly backchannel_token_delivery_mode: (typeof backchannelDeliveryModes)[number]
  /** Where it is told of decisions; needed for `ping`. */
  readonly backchannel_client_notification_endpoint?: string
  /** With it, CIBA requests have to be signed. */
  readonly backchannel_authentication_request_signing_alg?: SigningAlg
  readonly backchannel_user_code_parameter: boolean
}

/** Their rows in the table of client fields. */
export const clientBackchannelFields = {
  backchannel_token_delivery_mode: {
    kind: backchannelDeliveryModes,
    default: 'poll',
    says: 'Whether it asks for the tokens of a CIBA request now and then, or is told when the person has decided.',
  },
  backchannel_client_notification_endpoint: {
    kind: 'url',
    says: 'Told when a person has decided a CIBA request, where its delivery mode is "ping".',
  },
  backchannel_authentication_request_signing_alg: {
    kind: signingAlgs,
    says: 'The algorithm that signs its CIBA requests, which then must be signed.',
  },
  backchannel_user_code_parameter: {
    kind: 'boolean',
    default: false,
    says: 'Whether its CIBA requests carry the code that only the person knows.',
  },
} as const

/** @spec CIBA Core §4 */
export function* clientBackchannelProblems(client: ClientMetadata): Generator<string> {
  const { backchannel_token_delivery_mode: mode, backchannel_client_notification_endpoint: endpoint } = client
  if (mode === 'ping' && endpoint === undefined)
    yield 'backchannel_client_notification_endpoint is needed when backchannel_token_delivery_mode is "ping"'
  const { backchannel_authentication_request_signing_alg: alg, jwks, jwks_uri } = client
  if (alg !== undefined && jwks === undefined && jwks_uri === undefined)
    yield 'backchannel_authentication_request_signing_alg needs the key that signs: give jwks or jwks_uri'
}
