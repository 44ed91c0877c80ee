import { insist, readAnswer } from './answer.ts'
import type { ProviderConnection } from './provider-connection.ts'

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
  const { userinfo_endpoint: url = '' } = await connection.metadata()
  insist('response_invalid', connection.issuer, { userinfo_endpoint: url })
  const claims = await readAnswer(url, await send(url), (_error, status) =>
    status === 401 ? 'token_invalid' : 'response_invalid',
  )
  insist('response_invalid', url, { sub: claims.sub === sub })
  return claims as UserInfoAnswer
}
