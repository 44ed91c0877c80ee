import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  hash,
  hkdfSync,
  sign,
  timingSafeEqual,
} from 'node:crypto'
import { jwkThumbprintInput, type Runtime } from '@latchkey/protocol'

/** SHA-256 in base64url. */
export function sha256(text: string | Uint8Array): string {
  return hash('sha256', text, 'base64url')
}

/** What proves that a server has understood a WebSocket's handshake. @spec RFC 6455 §4.2.2 */
export function webSocketAccept(key: string): string {
  return hash('sha1', `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`, 'base64')
}

/** Whether two texts are equal, in time that depends on neither's content. */
export function constantTimeEqual(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
}

/** HMAC-SHA-256 in base64url. */
export function mac(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** 32 bytes for one purpose out of key material with enough entropy. @spec RFC 5869 */
export function deriveKey(material: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, '', purpose, 32))
}

/** AES-256-GCM; `context` is authenticated and must be the same to open. */
export function seal(
  key: Uint8Array,
  plain: string,
  options: { readonly context: string; readonly runtime: Pick<Runtime, 'randomBytes'> },
): string {
  const nonce = options.runtime.randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(options.context))
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
}

/** The text, or null when the key, the context or a byte is not the one it was sealed with. */
export function open(key: Uint8Array, sealed: string, context: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < 28) return null
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(12, 28))
    return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return null
  }
}

/** A private key for ES256. @spec RFC 7518 §6.2 */
export interface PrivateJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
  readonly d: string
}

export function generatePrivateJwk(): PrivateJwk {
  const {
    x = '',
    y = '',
    d = '',
  } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  return { kty: 'EC', crv: 'P-256', x, y, d }
}

/** What names its public half. @spec RFC 7638 §3 */
export function thumbprintOf(jwk: PrivateJwk): string {
  return sha256(jwkThumbprintInput({ ...jwk }) ?? '')
}

/** Signs texts with ES256; signatures in base64url. @spec RFC 7518 §3.4 */
export function es256Signer(jwk: PrivateJwk): (text: string) => string {
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  return (text) => sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}
