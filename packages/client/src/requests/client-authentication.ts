import type { Runtime } from '@latchkey/protocol'
import { encodeBase64url } from '@latchkey/protocol'
import { algOf, signJwt } from '../jwt/json-web-signature.ts'

/** The client that proves itself, and to whom. */
export interface ProvingClient {
  readonly issuer: string
  readonly clientId: string
  /** The provider's clock, epoch seconds. */
  now(): number
  readonly runtime: Pick<Runtime, 'randomBytes'>
}

/** How a client proves who it is at the provider: adds to the body and headers of one request. @spec RFC 6749 §2.3 */
export type ClientAuthentication = (
  client: ProvingClient,
  parameters: URLSearchParams,
  headers: Headers,
) => void | Promise<void>

/** A public client only says who it is. @spec RFC 6749 §2.1 */
export const noClientAuthentication: ClientAuthentication = ({ clientId }, parameters) =>
  parameters.set('client_id', clientId)

/** The secret in the `Authorization` header. @spec RFC 6749 §2.3.1 */
export function clientSecretBasic(secret: string): ClientAuthentication {
  return ({ clientId }, _parameters, headers) =>
    headers.set('authorization', `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(secret)}`)}`)
}

/** The secret in the request's body. @spec RFC 6749 §2.3.1 */
export function clientSecretPost(secret: string): ClientAuthentication {
  return ({ clientId }, parameters) => {
    parameters.set('client_id', clientId)
    parameters.set('client_secret', secret)
  }
}

/**
 * A signed assertion: the private key stays here. `kid` is the one the provider finds in the registered key set.
 * @throws TypeError when the key signs no JWT.
 * @spec RFC 7523 §2.2; OIDC Core §9
 */
export function privateKeyJwt(key: CryptoKey, kid?: string): ClientAuthentication {
  const header = { alg: algOf(key), ...(kid === undefined ? {} : { kid }) }
  return async (client, parameters) => {
    const { issuer, clientId } = client
    const now = Math.floor(client.now())
    const jti = encodeBase64url(client.runtime.randomBytes(16))
    const claims = { iss: clientId, sub: clientId, aud: issuer, jti, iat: now, nbf: now, exp: now + 60 }
    parameters.set('client_id', clientId)
    parameters.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
    parameters.set('client_assertion', await signJwt(key, header, claims))
  }
}

/** @spec RFC 6749 Appendix B */
function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1)
}
