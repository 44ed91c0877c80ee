import { authorizationServerMetadataUrl, openidConfigurationUrl, ProtocolError, type Runtime } from '@latchkey/protocol'
import { fetchJson } from './fetch-json.ts'

/**
 * The provider's `jwks_uri`, from OpenID Connect Discovery or else RFC 8414.
 * @throws ProtocolError `issuer_mismatch` when the metadata is another issuer's, `discovery_failed`, `unreachable`
 */
export async function discoverJwksUri(runtime: Runtime, issuer: string): Promise<string> {
  for (const address of [openidConfigurationUrl(issuer), authorizationServerMetadataUrl(issuer)]) {
    const document = await fetchJson(runtime, address)
    if (document === 'not found') continue
    const { issuer: named, jwks_uri: jwksUri } = document.body
    if (named !== issuer) {
      // @spec RFC 8414 §3.3
      const message = `${address} names the issuer ${JSON.stringify(named)}, configured is "${issuer}": write it as the provider does`
      throw new ProtocolError('issuer_mismatch', message)
    }
    if (typeof jwksUri === 'string') return jwksUri
    throw new ProtocolError('discovery_failed', `${address} has no jwks_uri`)
  }
  throw new ProtocolError('discovery_failed', `"${issuer}" has no metadata document`, { retryable: true })
}
