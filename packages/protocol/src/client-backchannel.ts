import type { ClientMetadata } from './client-metadata.ts'

/** How tokens that a person allows on another device reach the client. @spec CIBA Core §5 */
export const backchannelDeliveryModes = ['poll', 'ping'] as const

/** What a client says of asking people who are elsewhere. @spec CIBA Core §4 */
export interface ClientBackchannelMetadata {
  readonly backchannel_token_delivery_mode: (typeof backchannelDeliveryModes)[number]
  /** Where it is told of decisions; needed for `ping`. */
  readonly backchannel_client_notification_endpoint?: string
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
} as const

/** @spec CIBA Core §4 */
export function* clientBackchannelProblems(client: ClientMetadata): Generator<string> {
  const { backchannel_token_delivery_mode: mode, backchannel_client_notification_endpoint: endpoint } = client
  if (mode === 'ping' && endpoint === undefined)
    yield 'backchannel_client_notification_endpoint is needed when backchannel_token_delivery_mode is "ping"'
}
