import { type Bytes, decodeBase64url, encodeBase64url } from '@latchkey/protocol'

/** The three parts of a compact JWS, read but not trusted. @spec RFC 7515 §7.1 */
export interface ReadJwt {
  readonly header: Readonly<Record<string, unknown>>
  readonly payload: Readonly<Record<string, unknown>>
  readonly signed: Bytes
  readonly signature: Bytes
}

/** Null where the text is no JWT. */
export function readJwt(text: string): ReadJwt | null {
  const [header = '', payload = '', signature = '', ...more] = text.split('.')
  const [readHeader, readPayload, bytes] = [readObject(header), readObject(payload), decodeBase64url(signature)]
  if (more.length > 0 || readHeader === null || readPayload === null || bytes === null) return null
  return { header: readHeader, payload: readPayload, signed: encode(`${header}.${payload}`), signature: bytes }
}

/** @spec RFC 7515 §5.1 */
export async function signJwt(
  key: CryptoKey,
  header: Readonly<Record<string, unknown>>,
  payload: Readonly<Record<string, unknown>>,
): Promise<string> {
  const alg = algOf(key)
  const signed = `${writeObject({ ...header, alg })}.${writeObject(payload)}`
  const signature = await crypto.subtle.sign(signatureParameters(alg), key, encode(signed))
  return `${signed}.${encodeBase64url(new Uint8Array(signature))}`
}

/** How WebCrypto names what a JWS `alg` means, for signing and verifying. @spec RFC 7518 §3.1; RFC 8037 §3.1 */
export function signatureParameters(alg: string): AlgorithmIdentifier & { hash?: string; saltLength?: number } {
  const bits = Number(alg.slice(2))
  if (alg.startsWith('PS')) return { name: 'RSA-PSS', hash: `SHA-${bits}`, saltLength: bits / 8 } as never
  if (alg.startsWith('ES')) return { name: 'ECDSA', hash: `SHA-${bits}` } as never
  return { name: alg.startsWith('RS') ? 'RSASSA-PKCS1-v1_5' : 'Ed25519' } as never
}

/** @throws TypeError when the key signs nothing that a JWS has a name for. */
function algOf({ algorithm }: CryptoKey): string {
  const { name, hash, namedCurve } = algorithm as KeyAlgorithm & { hash?: KeyAlgorithm; namedCurve?: string }
  const bits = hash?.name.slice(4)
  if (name === 'ECDSA') return `ES${namedCurve === 'P-521' ? 512 : namedCurve?.slice(2)}`
  if (name === 'RSA-PSS') return `PS${bits}`
  if (name === 'RSASSA-PKCS1-v1_5') return `RS${bits}`
  if (name === 'Ed25519') return 'EdDSA'
  throw new TypeError(`a key for ${name} signs no JWT: use ECDSA, RSA-PSS, RSASSA-PKCS1-v1_5 or Ed25519`)
}

function readObject(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(decodeBase64url(part) ?? new Uint8Array()))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function writeObject(value: object): string {
  return encodeBase64url(encode(JSON.stringify(value)))
}

function encode(text: string): Bytes {
  return new TextEncoder().encode(text)
}
