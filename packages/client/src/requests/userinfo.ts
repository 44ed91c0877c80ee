import { ProtocolError } from '@latchkey/protocol'
import { readAnswer, refuseBusy } from './peer-error.ts'
import type { ProviderConnection } from './provider-connection.ts'

const failure = 'the userinfo endpoint could not be asked'

/** What the provider says of the person; `sub` is that of the ID token. */
export type UserInfoAnswer = Readonly<Record<string, unknown>> & { readonly sub: string }

/**
 * Asks by `send`, which attaches the access token. The answer must speak of `sub`: another person's claims are refused.
 * @throws ProtocolError `response_invalid`, `token_invalid` when the token is refused, `unreachable` (retryable).
 * @spec OIDC Core §5.3.2, §5.3.4
 */
export async function requestUserInfo(
  connection: ProviderConnection,
  sub: string,
  send: (url: string) => Promise<Response>,
): Promise<UserInfoAnswer> {
  const { userinfo_endpoint: url } = await connection.metadata()
  if (url === undefined) throw new ProtocolError('response_invalid', `${failure}: the provider has none`)
  const response = await send(url)
  refuseBusy(response, failure)
  if (!response.ok) {
    const code = response.status === 401 ? 'token_invalid' : 'response_invalid'
    throw new ProtocolError(code, `${failure}: the provider answered ${response.status}`)
  }
  const claims = await readAnswer(response, failure)
  if (claims === null) throw new ProtocolError('response_invalid', `${failure}: the answer is no JSON object`)
  if (claims.sub !== sub) throw new ProtocolError('response_invalid', `${failure}: it speaks of another person (sub)`)
  return claims as UserInfoAnswer
}
