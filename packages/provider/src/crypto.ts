import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hash,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import type { Runtime } from '@latchkey/protocol'
import type { HandleHash } from './store/store.ts'

const timePrefixLength = 11
const handlePattern = /^[0-9a-f]{11}[A-Za-z0-9_-]{43}$/

/** An opaque handle (code, refresh token, access token, session id): 44 bits of time, then 256 random bits. */
export function newHandle(runtime: Runtime): { readonly handle: string; readonly hash: HandleHash } {
  const time = Math.floor(runtime.now() * 1000)
    .toString(16)
    .padStart(timePrefixLength, '0')
  const handle = time + Buffer.from(runtime.randomBytes(32)).toString('base64url')
  return { handle, hash: storageKey(handle) }
}

/** What a presented handle is stored under, or null when it cannot be one of ours. */
export function hashHandle(handle: string): HandleHash | null {
  return handlePattern.test(handle) ? storageKey(handle) : null
}

/** The time prefix keeps rows in the order of their making, which is what makes inserts cheap. */
function storageKey(handle: string): HandleHash {
  return (handle.slice(0, timePrefixLength) + sha256(handle)) as HandleHash
}

/** SHA-256 in base64url. */
export function sha256(text: string | Uint8Array): string {
  return hash('sha256', text, 'base64url')
}

/** Whether two texts are equal, in time that depends on neither's content. */
export function constantTimeEqual(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'))
}

/** HMAC-SHA-256 in base64url. */
export function mac(key: KeyObject | Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** 32 bytes for one purpose out of key material with enough entropy. @spec RFC 5869 */
export function deriveKey(material: string | Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, '', purpose, 32))
}

/** AES-256-GCM; `context` is authenticated and must be the same to open. */
export function seal(key: Uint8Array, plain: string, options: { context: string; runtime: Runtime }): string {
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
