import {
  type ClientAuthentication,
  clientSecretBasic,
  clientSecretPost,
  connectProvider,
  type ProviderConnection,
  privateKeyJwt,
} from '@latchkey/client'
import type { Runtime } from '@latchkey/protocol'

/** How a service or a guard proves to the provider which client it is. */
export interface ClientIdentity {
  readonly clientId: string
  /** The secret, or a private key whose public half the client registered. One of the two. */
  readonly clientSecret?: string
  readonly privateKey?: CryptoKey
  /** The `kid` of `privateKey` in the registered key set. */
  readonly keyId?: string
  /** How the secret is sent; `client_secret_basic` unless said otherwise. @spec RFC 6749 §2.3.1 */
  readonly secretMethod?: 'client_secret_basic' | 'client_secret_post'
}

/** What is wrong with an identity given under `place`. */
export function* identityProblems(place: string, identity: Partial<ClientIdentity>): Generator<string> {
  const { clientId, clientSecret, privateKey, secretMethod } = identity
  if (typeof clientId !== 'string' || clientId === '') yield `${place}clientId: name the client`
  if (clientSecret === '') yield `${place}clientSecret: give its secret`
  if ((clientSecret === undefined) === (privateKey === undefined)) {
    yield `${place}clientSecret, ${place}privateKey: give exactly one of them`
  }
  if (secretMethod !== undefined && !['client_secret_basic', 'client_secret_post'].includes(secretMethod)) {
    yield `${place}secretMethod: must be "client_secret_basic" or "client_secret_post"`
  }
}

export function authenticationOf(identity: Omit<ClientIdentity, 'clientId'>): ClientAuthentication {
  const { clientSecret = '', secretMethod, privateKey, keyId } = identity
  if (privateKey !== undefined) return privateKeyJwt(privateKey, keyId)
  return secretMethod === 'client_secret_post' ? clientSecretPost(clientSecret) : clientSecretBasic(clientSecret)
}

/** The provider as this client reaches it; nothing is asked yet. */
export function connectAs(identity: ClientIdentity, issuer: string, runtime: Runtime): ProviderConnection {
  return connectProvider({ issuer, clientId: identity.clientId, authentication: authenticationOf(identity), runtime })
}
