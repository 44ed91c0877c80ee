import { type Auth, type AuthPart, ConfigError } from '@latchkey/browser'
import type { AuthWellKnownEndpoints } from './auth-results.ts'

type Metadata = () => Promise<Readonly<Record<string, unknown>>>

const ways = new WeakMap<Auth, Metadata>()

/** Remembers how a client asks for its provider's metadata. */
export const metadataAccess: AuthPart = {
  watch({ connection }, auth) {
    ways.set(auth, () => connection.metadata())
    return () => ways.delete(auth)
  },
}

/**
 * The provider's metadata, fetched once and kept by the core.
 * @throws ProtocolError `unreachable` (retryable); ConfigError where the client has no provider of its own.
 */
export async function providerMetadata(auth: Auth): Promise<AuthWellKnownEndpoints> {
  const metadata = await ways.get(auth)?.()
  if (metadata === undefined) throw new ConfigError(['preloadAuthWellKnownDocument: needs a page and provideAuth()'])
  const optional = Object.entries(names).flatMap(([ours, theirs]) =>
    typeof metadata[theirs] === 'string' ? [[ours, metadata[theirs]]] : [],
  )
  return { issuer: String(metadata.issuer), ...(Object.fromEntries(optional) as Partial<AuthWellKnownEndpoints>) }
}

const names: Readonly<Record<Exclude<keyof AuthWellKnownEndpoints, 'issuer'>, string>> = {
  jwksUri: 'jwks_uri',
  authorizationEndpoint: 'authorization_endpoint',
  tokenEndpoint: 'token_endpoint',
  userInfoEndpoint: 'userinfo_endpoint',
  endSessionEndpoint: 'end_session_endpoint',
  checkSessionIframe: 'check_session_iframe',
  revocationEndpoint: 'revocation_endpoint',
  introspectionEndpoint: 'introspection_endpoint',
  parEndpoint: 'pushed_authorization_request_endpoint',
}
