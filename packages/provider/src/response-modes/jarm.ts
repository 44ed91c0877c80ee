import { encryptResponse } from '../encryption/encrypt-response.ts'
import type { ResponseMode } from './response-mode.ts'

/** Seconds that a signed answer is good for; ten minutes is the most that is advised. @spec JARM §2.1 */
const lifetime = 600

/**
 * The same way to travel, with the answer as one signed JWT in `response`, encrypted where the client registered that.
 * @spec JARM §2.1, §2.2, §2.3
 */
export function signed(mode: ResponseMode): ResponseMode {
  return {
    ...mode,
    name: `${mode.name}.jwt`,
    async send(parts, answer) {
      const { client, parameters } = answer
      const now = Math.floor(parts.runtime.now())
      const { client_id: aud, authorization_signed_response_alg: alg } = client.metadata
      const claims = { ...parameters, iss: parts.issuer, aud, exp: now + lifetime, iat: now }
      await parts.keys.ensure(alg)
      const content = parts.keys.sign(alg, claims)
      const response = await encryptResponse(parts, client.metadata, { what: 'authorization', content, nested: true })
      return mode.send(parts, { ...answer, parameters: { response } })
    },
  }
}
