import * as oauth from 'oauth4webapi'

/** How a client proves who it is at the provider. @spec RFC 6749 §2.3 */
export type ClientAuthentication = oauth.ClientAuth

/** The secret in the `Authorization` header. @spec RFC 6749 §2.3.1 */
export function clientSecretBasic(secret: string): ClientAuthentication {
  return oauth.ClientSecretBasic(secret)
}

/** The secret in the request's body. @spec RFC 6749 §2.3.1 */
export function clientSecretPost(secret: string): ClientAuthentication {
  return oauth.ClientSecretPost(secret)
}

/**
 * A signed assertion: the private key stays here. `kid` is the one the provider finds in the registered key set.
 * @spec RFC 7523 §2.2; OIDC Core §9
 */
export function privateKeyJwt(key: CryptoKey, kid?: string): ClientAuthentication {
  return oauth.PrivateKeyJwt(kid === undefined ? key : { key, kid })
}
