import type { RegisteredClient } from '../config.ts'
import { constantTimeEqual, mac } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import { assertionPresentation, type ClientAssertion, refuteClaims } from './client-assertion.ts'
import type { ClientAuthMethod } from './client-auth-method.ts'

/** An assertion that is keyed with the client's secret. @spec OIDC Core §9; RFC 7518 §3.2 */
export const clientSecretJwt: ClientAuthMethod = {
  name: 'client_secret_jwt',
  presentation: assertionPresentation,
  async refute(parts, { client, presented, request }) {
    const { assertion } = presented
    if (assertion?.alg !== 'HS256') return 'the assertion of this client must be signed with HS256'
    if (!signedWithSecret(parts, client, assertion)) {
      return `no secret of client "${client.metadata.client_id}" made the assertion's signature`
    }
    return refuteClaims(parts, assertion, request)
  },
}

/** Whether a secret of the client, now valid, keyed the signature. */
export function signedWithSecret(
  parts: Pick<Parts, 'clientSecrets' | 'runtime'>,
  client: RegisteredClient,
  { input, signature }: ClientAssertion,
): boolean {
  const secrets = parts.clientSecrets.open(client, parts.runtime.now())
  return secrets.some((secret) => constantTimeEqual(mac(Buffer.from(secret), input), signature))
}
