/** What signs tokens, most widely understood first; `none` is no algorithm. @spec RFC 7518 §3.1; RFC 8037 §3.1; RFC 8725 §3.2 */
export const signingAlgs = ['RS256', 'ES256', 'PS256', 'ES384', 'EdDSA'] as const
export type SigningAlg = (typeof signingAlgs)[number]

/** How the key of an encrypted answer is agreed on. @spec RFC 7518 §4.1 */
export const keyManagementAlgs = ['RSA-OAEP-256', 'ECDH-ES'] as const
export type KeyManagementAlg = (typeof keyManagementAlgs)[number]

/** What encrypts an answer's content. @spec RFC 7518 §5.1 */
export const contentEncryptionAlgs = ['A128GCM', 'A256GCM', 'A128CBC-HS256'] as const
export type ContentEncryptionAlg = (typeof contentEncryptionAlgs)[number]

/** What counts where a client names no `enc`. @spec OIDC Registration §2 */
export const defaultContentEncryption: ContentEncryptionAlg = 'A128CBC-HS256'
