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
