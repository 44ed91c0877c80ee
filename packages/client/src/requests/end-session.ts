import { fill } from '../encoding.ts'
import type { ProviderConnection } from './provider-connection.ts'

export interface EndSessionOptions {
  readonly idToken: string | null
  readonly postLogoutRedirectUri?: string | undefined
  readonly state?: string | undefined
  /** Beside those above, which stay as they are. */
  readonly extraParameters?: Readonly<Record<string, string>> | undefined
}

/** Where to send a person who signs out, or null when the provider has no such place. @spec RP-Initiated Logout §2 */
export async function endSessionUrl(
  connection: ProviderConnection,
  { idToken, postLogoutRedirectUri, state, extraParameters }: EndSessionOptions,
): Promise<string | null> {
  const { end_session_endpoint: endpoint } = await connection.metadata()
  if (!endpoint) return null
  const url = new URL(endpoint)
  fill(url.searchParams, {
    ...extraParameters,
    client_id: connection.clientId,
    id_token_hint: idToken,
    post_logout_redirect_uri: postLogoutRedirectUri,
    state,
  })
  return url.href
}
