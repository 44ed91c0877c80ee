import { ProtocolError } from '@latchkey/protocol'
import type { TokenSet } from '../token-set.ts'
import { askProvider } from './ask-provider.ts'
import type { ProviderConnection } from './provider-connection.ts'
import { type TokenAnswer, tokenAnswer, tokenSet } from './token-set-of.ts'

export interface TokenRequest {
  readonly grantType: string
  /** Whatever is undefined is left out. */
  readonly parameters: Readonly<Record<string, string | undefined>>
  /** What did not come about, in words for the error. */
  readonly failure: string
  /** Throws a ProtocolError about an answer that is not what was asked for. */
  readonly check?: (answer: Readonly<Record<string, unknown>>) => void
}

/**
 * Asks for a token that is no person's sign-in.
 * @throws ProtocolError `authorization_failed` with the provider's `error`, `response_invalid`, or `unreachable` (retryable).
 */
export async function requestToken(connection: ProviderConnection, asked: TokenRequest): Promise<TokenSet> {
  const { failure } = asked
  const raw = await askProvider(connection, {
    endpoint: 'token_endpoint',
    parameters: { grant_type: asked.grantType, ...asked.parameters },
    failure,
    refused: () => 'authorization_failed',
  })
  const answer = tokenAnswer(raw, failure)
  refuseUnbound(connection, answer, failure)
  asked.check?.(raw)
  return tokenSet(answer, { now: connection.runtime.now(), claims: null, before: null })
}

/** A token that was asked for with a proof has to be bound to its key. @spec RFC 9449 §5 */
export function refuseUnbound({ dpop }: ProviderConnection, answer: TokenAnswer, failure: string): void {
  if (dpop !== undefined && answer.token_type !== 'DPoP') {
    throw new ProtocolError('response_invalid', `${failure}: the provider did not bind the token to our key`)
  }
  if (dpop === undefined && answer.token_type !== 'Bearer') {
    throw new ProtocolError('response_invalid', `${failure}: the provider bound the token to a key that is not ours`)
  }
}
