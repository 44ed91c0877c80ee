import { type ClientAssertionAlg, type ClientAuthMethodName, clientAssertionAlgs } from '@latchkey/protocol'
import type { Parts } from '../parts.ts'
import { proofAlgs } from '../sender-constraint/dpop.ts'
import type { ClientAuthMethod } from './client-auth-method.ts'
import { clientSecretBasic } from './client-secret-basic.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'
import { clientSecretPost } from './client-secret-post.ts'
import { none } from './none.ts'
import { privateKeyJwt } from './private-key-jwt.ts'
import { selfSignedTlsClientAuth } from './self-signed-tls-client-auth.ts'
import { tlsClientAuth } from './tls-client-auth.ts'

/** Every way a client may prove who it is. */
export const clientAuthMethods: readonly ClientAuthMethod[] = [
  clientSecretBasic,
  clientSecretPost,
  clientSecretJwt,
  privateKeyJwt,
  tlsClientAuth,
  selfSignedTlsClientAuth,
  none,
]

/** The names of those that work as the provider is set up. */
export function supportedAuthMethods(parts: Pick<Parts, 'mutualTls' | 'profile'>): readonly ClientAuthMethodName[] {
  const { authMethods } = parts.profile
  return clientAuthMethods
    .filter((method) => method.available?.(parts) ?? true)
    .map((method) => method.name)
    .filter((name) => authMethods?.includes(name) ?? true)
}

/** Those of clients that prove who they are. */
export function confidentialAuthMethods(parts: Pick<Parts, 'mutualTls' | 'profile'>): readonly ClientAuthMethodName[] {
  return supportedAuthMethods(parts).filter((name) => name !== 'none')
}

/** The algorithms of client assertions. @spec RFC 8414 §2 */
export function assertionAlgs(parts: Pick<Parts, 'profile'>): readonly ClientAssertionAlg[] {
  return parts.profile.algs === undefined ? clientAssertionAlgs : proofAlgs(parts)
}
