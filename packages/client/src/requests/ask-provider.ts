import { ProtocolError, type ProtocolErrorCode } from '@latchkey/protocol'
import { readAnswer, refuseBusy } from './peer-error.ts'
import type { ProviderConnection } from './provider-connection.ts'

export interface ProviderRequest {
  /** The member of the metadata that says where. */
  readonly endpoint: string
  /** Whatever is undefined is left out. */
  readonly parameters: URLSearchParams | Readonly<Record<string, string | undefined>>
  /** What did not come about, in words for the error. */
  readonly failure: string
  /** The error for an OAuth error that the provider answers. */
  readonly refused?: (oauthError: string) => ProtocolErrorCode
  /** Whether the answer is about tokens, so that it may be bound to the connection's key. Default true. */
  readonly bound?: boolean
}

/**
 * Posts a form to one of the provider's endpoints, proven as this client, and gives back the object of its answer. Where
 * tokens are bound to a key each attempt has a proof of its own, and one more is made when the provider wants its nonce.
 * @throws ProtocolError `unreachable` (retryable) for network failures, 5xx and 429; the code of `refused` with the
 * provider's `error`; `response_invalid` for anything else.
 * @spec RFC 6749 §3.2, §5.2; RFC 9449 §5, §8
 */
export async function askProvider(
  connection: ProviderConnection,
  asked: ProviderRequest,
): Promise<Readonly<Record<string, unknown>>> {
  const { failure, refused = () => 'response_invalid' as const } = asked
  const url = (await connection.metadata())[asked.endpoint]
  if (typeof url !== 'string') {
    throw new ProtocolError('response_invalid', `${failure}: the provider has no ${asked.endpoint}`)
  }
  for (let attempt = 1; ; attempt++) {
    const nonceBefore = connection.dpop?.nonce(url)
    const response = await post(connection, url, asked)
    refuseBusy(response, failure)
    const answer = await readAnswer(response, failure)
    if (response.ok) {
      if (answer !== null) return answer
      if (asked.endpoint === 'revocation_endpoint') return {}
      throw new ProtocolError('response_invalid', `${failure}: the provider sent no JSON object`)
    }
    const error = answer?.error
    if (typeof error !== 'string') {
      throw new ProtocolError('response_invalid', `${failure}: the provider answered ${response.status}`)
    }
    if (error === 'use_dpop_nonce' && attempt === 1 && connection.dpop?.nonce(url) !== nonceBefore) continue
    throw new ProtocolError(refused(error), `${failure}: ${error}`, { oauthError: error })
  }
}

async function post(connection: ProviderConnection, url: string, asked: ProviderRequest): Promise<Response> {
  const { dpop } = connection
  const body = new URLSearchParams()
  const given = asked.parameters instanceof URLSearchParams ? asked.parameters : Object.entries(asked.parameters)
  for (const [name, value] of given) if (value !== undefined) body.append(name, value)
  const headers = new Headers({ accept: 'application/json' })
  await connection.authentication(connection, body, headers)
  const bound = asked.bound === false ? undefined : dpop
  if (bound !== undefined) headers.set('dpop', await bound.proof({ method: 'POST', url, now: connection.now() }))
  const response = await connection.send(url, { method: 'POST', headers, body }, asked.failure)
  dpop?.hearNonce(url, response.headers.get('dpop-nonce'))
  return response
}
