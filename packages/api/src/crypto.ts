import {
  constants,
  createHmac,
  createPublicKey,
  hash,
  type JsonWebKey,
  type KeyObject,
  timingSafeEqual,
  verify,
} from 'node:crypto'

export type { KeyObject }

/** SHA-256 in base64url. */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}

/** SHA-256 of bytes, in base64url. */
export function sha256Bytes(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url')
}

/** HMAC-SHA-256 in base64url. */
export function mac(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** Whether two texts are equal, in time that depends on neither's content. */
export function constantTimeEqual(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
}

/** The public key of a JWK, or null when it is none that may verify signatures. @spec RFC 7517 §4 */
export function importPublicKey(jwk: Readonly<Record<string, unknown>>): KeyObject | null {
  const { kty, crv, x, y, n, e } = jwk
  try {
    const key = createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKey, format: 'jwk' })
    const bits = key.asymmetricKeyDetails?.modulusLength
    return bits !== undefined && bits < 2048 ? null : key // @spec RFC 7518 §3.3
  } catch {
    return null
  }
}

export interface Signed {
  readonly data: Buffer
  readonly signature: Buffer
}

/** ECDSA with the two halves side by side. @spec RFC 7518 §3.4 */
export function verifyEcdsa(key: KeyObject, digest: string, signed: Signed): boolean {
  return verify(digest, signed.data, key, derSignature(signed.signature))
}

/** RSASSA-PKCS1-v1_5. @spec RFC 7518 §3.3 */
export function verifyRsa(key: KeyObject, digest: string, signed: Signed): boolean {
  return verify(digest, signed.data, key, signed.signature)
}

/** RSASSA-PSS with a salt as long as the digest. @spec RFC 7518 §3.5 */
export function verifyRsaPss(key: KeyObject, digest: string, signed: Signed): boolean {
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return verify(digest, signed.data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signed.signature)
}

/** Ed25519. @spec RFC 8037 §3.1 */
export function verifyEddsa(key: KeyObject, signed: Signed): boolean {
  return verify(null, signed.data, key, signed.signature)
}

/** Handing OpenSSL the KeyObject itself and DER costs half of what `dsaEncoding` does. */
function derSignature(raw: Buffer): Buffer {
  const half = raw.length / 2
  const content = Buffer.concat([derInteger(raw.subarray(0, half)), derInteger(raw.subarray(half))])
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length]
  return Buffer.concat([Buffer.from([0x30, ...length]), content])
}

function derInteger(bytes: Buffer): Buffer {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const sign = (bytes[start] ?? 0) >= 0x80 ? [0] : []
  const body = bytes.subarray(start)
  return Buffer.concat([Buffer.from([0x02, body.length + sign.length, ...sign]), body])
}
