import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  sign as cryptoSign,
  verify as cryptoVerify,
  generateKeyPair,
  hash,
  hkdfSync,
  type JsonWebKey,
  type KeyObject,
  timingSafeEqual,
  X509Certificate,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { Runtime, SigningAlg } from '@latchkey/protocol'
import { derToP1363, p1363ToDer } from './ecdsa-signature.ts'
import { randomText } from './random-text.ts'
import type { HandleHash } from './store/store.ts'

const timePrefixLength = 11
/** 258 and 132 bits. */
const handleSigns = 43
const idSigns = 22
const handlePattern = /^[0-9a-f]{11}[A-Za-z0-9_-]{43}$/

/** An opaque handle (code, refresh token, access token, session id): 44 bits of time, then 258 random bits. */
export function newHandle(runtime: Runtime): { readonly handle: string; readonly hash: HandleHash } {
  const handle = timePrefix(runtime) + randomText(runtime, handleSigns)
  return { handle, hash: storageKey(handle) }
}

/**
 * The handle of this time that follows from a secret with as much entropy: the same every time.
 * @spec NIST SP 800-56C rev. 2 §4.1
 */
export function handleFrom(
  secret: string,
  { prefix, purpose }: { readonly prefix: string; readonly purpose: string },
): { readonly handle: string; readonly hash: HandleHash } {
  const handle = prefix + hash('sha256', `\0\0\0\u0001${secret}${purpose}${prefix}`, 'base64url')
  return { handle, hash: storageKey(handle) }
}

/** A public identifier (token family, session): unique, unguessable and, like a handle, ordered by time. */
export function newId(runtime: Runtime): string {
  return timePrefix(runtime) + randomText(runtime, idSigns)
}

/** What stands before handles and ids that are made now. */
export function timePrefix(runtime: Runtime): string {
  const milliseconds = Math.floor(runtime.now() * 1000)
  if (milliseconds !== latest.milliseconds) {
    latest = { milliseconds, prefix: milliseconds.toString(16).padStart(timePrefixLength, '0') }
  }
  return latest.prefix
}

/** Several are made in one millisecond, and writing one takes longer than hashing a token. */
let latest = { milliseconds: 0, prefix: '0'.repeat(timePrefixLength) }

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
  return equalDigests(sha256(a), sha256(b))
}

/** Whether `secret` has this SHA-256 (base64url), in time that does not depend on where they differ. */
export function hasSha256(secret: string, expected: string): boolean {
  return expected.length === digestLength && equalDigests(sha256(secret), expected)
}

const digestLength = 43
const [left, right] = [Buffer.alloc(digestLength), Buffer.alloc(digestLength)]

/** Of digests as texts: as bytes Node takes three times as long to make them. */
function equalDigests(a: string, b: string): boolean {
  left.write(a, 'latin1')
  right.write(b, 'latin1')
  return timingSafeEqual(left, right)
}

/** HMAC-SHA-256 in base64url. */
export function mac(key: KeyObject | Uint8Array, text: string): string {
  return createHmac('sha256', key instanceof Uint8Array ? keyObjectOf(key) : key)
    .update(text)
    .digest('base64url')
}

const keyObjects = new WeakMap<Uint8Array, KeyObject>()

/** The same key as a KeyObject: Node takes 9 µs longer over bytes, each time. Bytes that are a key never change. */
function keyObjectOf(key: Uint8Array): KeyObject {
  let made = keyObjects.get(key)
  if (made === undefined) {
    made = createSecretKey(key)
    keyObjects.set(key, made)
  }
  return made
}

/** 32 bytes for one purpose out of key material with enough entropy. @spec RFC 5869 */
export function deriveKey(material: string | Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', material, '', purpose, 32))
}

/**
 * 32 bytes for one purpose out of a secret that has as much entropy itself, such as a handle: a single hash, where
 * `deriveKey` takes four. @spec NIST SP 800-56C rev. 2 §4.1
 */
export function hashedKey(secret: string, purpose: string): Buffer {
  return hash('sha256', `\0\0\0\u0001${secret}${purpose}`, 'buffer')
}

/** AES-256-GCM; `context` is authenticated and must be the same to open. */
export function seal(key: Uint8Array, plain: string, options: { context: string; runtime: Runtime }): string {
  const nonce = options.runtime.randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce).setAAD(Buffer.from(options.context))
  const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
}

/** The text, or null when the key, the context or a byte is not the one it was sealed with. */
export function open(key: Uint8Array, sealed: string, context: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < 28) return null
  try {
    const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), bytes.subarray(0, 12), { authTagLength: 16 })
      .setAAD(Buffer.from(context))
      .setAuthTag(bytes.subarray(12, 28))
    return decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    return null
  }
}

/**
 * AES-256-CTR under an IV that is the HMAC of context and text: the same text gives the same result every time, and what
 * was not made here does not open.
 */
export function sealAlike(key: Uint8Array, plain: string, context: string): string {
  const iv = syntheticIv(key, plain, context)
  const cipher = createCipheriv('aes-256-ctr', deriveKey(key, 'encrypt'), iv)
  return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]).toString('base64url')
}

/** What `sealAlike` sealed, or null when key, context or a byte is another. */
export function openAlike(key: Uint8Array, sealed: string, context: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url')
  if (bytes.length < 16 || bytes.toString('base64url') !== sealed) return null
  const iv = bytes.subarray(0, 16)
  const decipher = createDecipheriv('aes-256-ctr', deriveKey(key, 'encrypt'), iv)
  const plain = Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8')
  return timingSafeEqual(syntheticIv(key, plain, context), iv) ? plain : null
}

function syntheticIv(key: Uint8Array, plain: string, context: string): Buffer {
  const message = JSON.stringify([context, plain])
  return createHmac('sha256', deriveKey(key, 'authenticate')).update(message).digest().subarray(0, 16)
}

export function importPrivateJwk(jwk: Readonly<Record<string, unknown>>): KeyObject {
  return createPrivateKey({ key: jwk as JsonWebKey, format: 'jwk' })
}

export function importPublicJwk(jwk: Readonly<Record<string, unknown>>): KeyObject {
  return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
}

/** What an algorithm asks of OpenSSL; `half` is the length of r and of s in bytes. @spec RFC 7518 §3; RFC 8037 §3.1 */
interface JwsAlg {
  readonly digest: string
  readonly tokenDigest: keyof typeof halfBits
  readonly half?: number
  readonly pss?: true
}

const jwsAlgs: Readonly<Record<SigningAlg, JwsAlg>> = {
  RS256: { digest: 'sha256', tokenDigest: 'sha256' },
  PS256: { digest: 'sha256', tokenDigest: 'sha256', pss: true },
  ES256: { digest: 'sha256', tokenDigest: 'sha256', half: 32 },
  ES384: { digest: 'sha384', tokenDigest: 'sha384', half: 48 },
  EdDSA: { digest: '', tokenDigest: 'sha512' },
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }

/** A JWS signature over `input`. ECDSA signs as DER and is rewritten here: twice as fast as asking for P1363. @spec RFC 7518 §3 */
export function signJws(alg: SigningAlg, key: KeyObject, input: string): string {
  const { digest, half, pss: isPss } = jwsAlgs[alg]
  const data = Buffer.from(input, 'latin1')
  const signature = cryptoSign(digest === '' ? null : digest, data, isPss ? { key, ...pss } : key)
  return (half === undefined ? signature : derToP1363(signature, half)).toString('base64url')
}

/** @spec RFC 7518 §3 */
export function verifyJws(alg: SigningAlg, key: KeyObject, signed: { input: string; signature: string }): boolean {
  const { digest, half, pss: isPss } = jwsAlgs[alg]
  const signature = Buffer.from(signed.signature, 'base64url')
  const data = Buffer.from(signed.input, 'latin1')
  if (half !== undefined) return signature.length === half * 2 && cryptoVerify(digest, data, key, p1363ToDer(signature))
  return cryptoVerify(digest === '' ? null : digest, data, isPss ? { key, ...pss } : key, signature)
}

const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const halfBits = { sha256: 128, sha384: 192, sha512: 256 } as const

/** The left half of the hash that goes with `alg`, for `at_hash`, `c_hash` and `s_hash`. @spec OIDC Core §3.1.3.6, §3.3.2.11 */
export function leftHalfHash(alg: SigningAlg, text: string): string {
  const { tokenDigest } = jwsAlgs[alg]
  const digest = hash(tokenDigest, text, 'base64url')
  const whole = Math.floor(halfBits[tokenDigest] / 6)
  const over = halfBits[tokenDigest] % 6
  if (over === 0) return digest.slice(0, whole)
  // The half ends within this sign: what of it is the other half's is left out.
  const last = base64url.indexOf(digest.charAt(whole)) & (0b111111 << (6 - over))
  return digest.slice(0, whole) + base64url.charAt(last)
}

/** A new key pair for a JWS algorithm, made off the main thread. RSA has 2048 bits. @spec RFC 7518 §3.3 */
export async function makeKeyPair(alg: SigningAlg): Promise<{ publicJwk: JsonWebKey; privateJwk: JsonWebKey }> {
  const generate = promisify(generateKeyPair)
  const { half } = jwsAlgs[alg]
  const pair =
    alg === 'EdDSA'
      ? await generate('ed25519')
      : half === undefined
        ? await generate('rsa', { modulusLength: 2048 })
        : await generate('ec', { namedCurve: half === 32 ? 'P-256' : 'P-384' })
  return { publicJwk: pair.publicKey.export({ format: 'jwk' }), privateJwk: pair.privateKey.export({ format: 'jwk' }) }
}

/** A client's certificate, read. @spec RFC 5280 §4.1 */
export interface Certificate {
  readonly der: Uint8Array
  /** The subject, a line an RDN in the order of the certificate, values escaped as RFC 4514 has it. */
  readonly subject: string
  /** SHA-256 of the DER form, in base64url. @spec RFC 8705 §3.1 */
  readonly thumbprint: string
  /** Whether it is made for this name: in the subject alternative name, written out, without wildcards. */
  isFor(kind: 'dns' | 'ip' | 'email', name: string): boolean
  /** The URIs in its subject alternative name. */
  readonly uris: readonly string[]
}

/** null when the bytes are no certificate. */
export function readCertificate(der: Uint8Array): Certificate | null {
  try {
    const certificate = new X509Certificate(der)
    const names = certificate.subjectAltName ?? ''
    return {
      der: certificate.raw,
      subject: certificate.subject ?? '',
      thumbprint: hash('sha256', certificate.raw, 'base64url'),
      isFor(kind, name) {
        if (kind === 'ip') return certificate.checkIP(name) !== undefined
        if (kind === 'email') return certificate.checkEmail(name, { subject: 'never' }) !== undefined
        return certificate.checkHost(name, { subject: 'never', wildcards: false }) !== undefined
      },
      // A value in quotation marks holds what could be taken for another name.
      uris: [...names.matchAll(/(?:^|, )URI:("(?:[^"\\]|\\.)*"|[^,"]*)/g)].map(([, uri = '']) =>
        uri.startsWith('"') ? String(JSON.parse(uri)) : uri,
      ),
    }
  } catch {
    return null
  }
}
