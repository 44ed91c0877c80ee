import { authorizationServerMetadataUrl, openidConfigurationUrl, ProtocolError, type Runtime } from '@latchkey/protocol'
import { fetchJson } from './fetch-json.ts'
import { shown } from './shown.ts'

/** What a guard needs of a provider's metadata. */
export interface IssuerMetadata {
  readonly jwksUri: string
  readonly introspectionEndpoint: string | undefined
  /** Null where the provider names none. */
  readonly accessTokenAlgorithms: ReadonlySet<string> | null
  readonly feed: { readonly stream: string; readonly poll: string; readonly snapshot: string } | undefined
}

/**
 * The provider's metadata, from OpenID Connect Discovery or else RFC 8414.
 * @throws ProtocolError `issuer_mismatch` when the metadata is another issuer's, `discovery_failed`, `unreachable`
 */
export async function discoverIssuer(runtime: Runtime, issuer: string): Promise<IssuerMetadata> {
  for (const address of [openidConfigurationUrl(issuer), authorizationServerMetadataUrl(issuer)]) {
    const document = await fetchJson(runtime, address)
    if (document === 'not found') continue
    const { issuer: named, jwks_uri: jwksUri } = document.body
    if (named !== issuer) {
      // @spec RFC 8414 §3.3
      const message = `${address} names the issuer ${shown(named)}, configured is "${issuer}": write it as the provider does`
      throw new ProtocolError('issuer_mismatch', message)
    }
    if (typeof jwksUri === 'string') return { jwksUri, ...furtherMetadata(document.body) }
    throw new ProtocolError('discovery_failed', `${address} has no jwks_uri`)
  }
  throw new ProtocolError('discovery_failed', `"${issuer}" has no metadata document`, { retryable: true })
}

function furtherMetadata(body: Readonly<Record<string, unknown>>): Omit<IssuerMetadata, 'jwksUri'> {
  const text = (name: string) => (typeof body[name] === 'string' ? (body[name] as string) : undefined)
  const algorithms = body.access_token_signing_alg_values_supported
  const stream = text('revocation_feed_endpoint')
  const poll = text('revocation_feed_poll_endpoint')
  const snapshot = text('revocation_feed_snapshot_endpoint')
  const hasFeed = stream !== undefined && poll !== undefined && snapshot !== undefined
  return {
    introspectionEndpoint: text('introspection_endpoint'),
    accessTokenAlgorithms: Array.isArray(algorithms)
      ? new Set(algorithms.filter((name) => typeof name === 'string'))
      : null,
    feed: hasFeed ? { stream, poll, snapshot } : undefined,
  }
}
