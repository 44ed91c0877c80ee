import type { ProviderConnection } from './provider-connection.ts'

export interface EndSessionOptions {
  readonly idToken: string | null
  readonly postLogoutRedirectUri?: string
  readonly state?: string
  /** What is set here already stays. */
  readonly extraParameters?: Readonly<Record<string, string>> | undefined
}

/** Where to send a person who signs out, or null when the provider has no such place. @spec RP-Initiated Logout §2 */
export async function endSessionUrl(
  connection: ProviderConnection,
  options: EndSessionOptions,
): Promise<string | null> {
  const { end_session_endpoint: endpoint } = await connection.metadata()
  if (endpoint === undefined) return null
  const url = new URL(endpoint)
  const parameters: Record<string, string | null | undefined> = {
    ...options.extraParameters,
    client_id: connection.clientId,
    id_token_hint: options.idToken,
    post_logout_redirect_uri: options.postLogoutRedirectUri,
    state: options.state,
  }
  for (const [name, value] of Object.entries(parameters)) {
    if (value != null) url.searchParams.set(name, value)
  }
  return url.href
}
