import { authenticateClient } from '../client-auth/authenticate-client.ts'
import { assertionAlgs, supportedAuthMethods } from '../client-auth/index.ts'
import type { ProviderEvent } from '../events.ts'
import type { Endpoint } from '../http/endpoint.ts'
import { readForm } from '../http/read-form.ts'
import { empty } from '../http/responses.ts'
import type { Parts } from '../parts.ts'
import { findAccessToken, findRefreshToken } from '../tokens/presented-token.ts'

/** A client's own tokens; any other answer would tell which tokens exist. @spec RFC 7009 §2 */
export function revocationEndpoint(parts: Parts): Endpoint {
  return {
    path: '/revoke',
    methods: ['POST'],
    cors: 'clients',
    audience: 'machine',
    metadata: (url) => ({
      revocation_endpoint: url,
      revocation_endpoint_auth_methods_supported: supportedAuthMethods(parts),
      revocation_endpoint_auth_signing_alg_values_supported: assertionAlgs(parts),
    }),
    async handle(asked) {
      const form = await readForm(asked.request)
      const client = await authenticateClient(parts, { request: asked.request, form })
      const clientId = client.metadata.client_id
      const presented = form.require('token')
      // token_type_hint is not needed: one look-up each tells what it is. @spec RFC 7009 §2.1
      const token =
        (await findAccessToken(parts, presented)) ?? (await findRefreshToken(parts, presented, { rotated: true }))
      if (token !== null && token.clientId === clientId) {
        const { requestId } = asked
        const event: ProviderEvent = {
          type: 'token.revoked',
          at: parts.runtime.now(),
          requestId,
          clientId,
          sub: token.sub,
        }
        await parts.tellOf(
          () => token.revoke(),
          () => [event],
        )
      }
      return empty(asked, 200)
    },
  }
}
