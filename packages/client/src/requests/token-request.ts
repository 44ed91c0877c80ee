import type { JsonObject, ProtocolError, TokenResponse } from '@latchkey/protocol'
import { fill } from '../encoding.ts'
import type { TokenSet } from '../token-set.ts'
import { insist, type Refused } from './answer.ts'
import { askProvider } from './ask-provider.ts'
import { type ExpectedSignIn, readIdToken } from './id-token.ts'
import type { ProviderConnection } from './provider-connection.ts'

export interface TokenRequest {
  readonly parameters: Readonly<Record<string, string | null | undefined>>
  /** Another error than `authorization_failed` for a refusal. */
  readonly refused?: Refused
  /** What an ID token has to hold; without this and `before` none is read. */
  readonly signIn?: ExpectedSignIn
  /** The tokens that are renewed: what the answer leaves out stays as it was. */
  readonly before?: TokenSet
  /** Throws a ProtocolError about an answer that is not what was asked for. */
  readonly check?: (answer: JsonObject) => void
}

/**
 * Asks the token endpoint, and checks the answer before anything of it is used: a token that was asked for with a proof
 * has to be bound to its key.
 * @throws ProtocolError `response_invalid`, naming the member, and as `askProvider` and `readIdToken` do.
 * @spec RFC 6749 §5.1, §6; RFC 9449 §5; OIDC Core §12.2
 */
export async function requestTokens(connection: ProviderConnection, asked: TokenRequest): Promise<TokenSet> {
  const { parameters, refused, signIn, before, check } = asked
  const { token_endpoint: url } = await connection.metadata()
  const form = fill(new URLSearchParams(), parameters)
  const raw = await askProvider(connection, { url, parameters: form, refused })
  const answer = raw as unknown as TokenResponse
  const issuedAt = connection.runtime.now()
  /** Lifetime assumed where the provider names none, in seconds. @spec RFC 6749 §5.1 expires_in */
  const assumedLifetimeSeconds = 300
  const lifetime = Number(answer.expires_in ?? assumedLifetimeSeconds)
  const tokenType = connection.dpop ? 'DPoP' : 'Bearer'
  insist('response_invalid', url, {
    access_token: answer.access_token && isText(answer.access_token),
    [`token_type is not ${tokenType}`]: `${answer.token_type}`.toLowerCase() === tokenType.toLowerCase(),
    expires_in: lifetime >= 0,
    refresh_token: isText(answer.refresh_token),
    id_token: isText(answer.id_token),
    scope: isText(answer.scope),
  })
  check?.(raw)
  const kept = before ?? { scope: [], refreshToken: null, idToken: null, claims: null, renewals: -1 }
  /** While the provider's keys cannot be had the ID token of before stays. */
  const whileKept = (error: ProtocolError) => {
    if (error.retryable && kept.claims) return null
    throw error
  }
  const expected = { ...signIn, accessToken: answer.access_token, before: kept.claims }
  const isRead = signIn || (before && answer.id_token)
  const claims = isRead ? await readIdToken(connection, answer.id_token ?? '', expected).catch(whileKept) : null
  return {
    ...kept,
    ...(claims && { claims, idToken: answer.id_token as string }),
    accessToken: answer.access_token,
    tokenType,
    issuedAt,
    expiresAt: issuedAt + lifetime,
    scope: answer.scope?.match(/[^ ]+/g) ?? kept.scope,
    refreshToken: answer.refresh_token || kept.refreshToken,
    renewals: kept.renewals + 1,
  }
}

/** What the answer leaves out is none that is wrong. */
function isText(value: unknown): boolean {
  return typeof (value ?? '') === 'string'
}
