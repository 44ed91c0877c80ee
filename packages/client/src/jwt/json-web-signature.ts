import { decodeBase64url, encodeBase64url, type JsonObject, readObject } from '@latchkey/protocol'
import { utf8 } from '../encoding.ts'

/** A compact JWS, read but not trusted; its parts are without members where the text is none. @spec RFC 7515 §7.1 */
export function readJwt(text: string): Jwt {
  const [, signed = '', header, payload, signature] = /^(([\w-]+)\.([\w-]+))\.([\w-]+)$/.exec(text) ?? []
  return { signed, header: readPart(header), payload: readPart(payload), signature }
}

interface Jwt {
  /** What the signature is of. */
  readonly signed: string
  readonly header: JsonObject
  readonly payload: JsonObject
  /** In base64url. */
  readonly signature: string | undefined
}

/** The header says by which `alg`. @spec RFC 7515 §5.1 */
export async function signJwt(
  key: CryptoKey,
  header: JsonObject & { readonly alg: string },
  payload: JsonObject,
): Promise<string> {
  const signed = `${writePart(header)}.${writePart(payload)}`
  const signature = await crypto.subtle.sign(algorithmOf(header.alg), key, utf8(signed))
  return `${signed}.${encodeBase64url(new Uint8Array(signature))}`
}

/** What WebCrypto calls the families of JWS algorithms. @spec RFC 7518 §3.1; RFC 8037 §3.1 */
const families: Readonly<Record<string, string>> = {
  RS: 'RSASSA-PKCS1-v1_5',
  PS: 'RSA-PSS',
  ES: 'ECDSA',
  Ed: 'Ed25519',
}

/** What WebCrypto wants to know of a JWS `alg`, to import its keys, to sign and to verify. @spec RFC 7518 §3.3 to §3.5 */
export function algorithmOf(alg: string): RsaHashedImportParams & EcKeyImportParams & EcdsaParams & RsaPssParams {
  const bits = alg.slice(2)
  return {
    name: families[alg.slice(0, 2)] as string,
    hash: `SHA-${bits}`,
    namedCurve: `P-${bits.replace('512', '521')}`,
    saltLength: Number(bits) / 8,
  }
}

/** The JWS `alg` that goes with a curve. @spec RFC 7518 §3.4; RFC 8037 §3.1 */
export function algOfCurve(curve: string): string {
  return curve === 'Ed25519' ? 'EdDSA' : `ES${curve.slice(2).replace('521', '512')}`
}

/** The JWS `alg` that a key signs by. @throws TypeError when it signs nothing that a JWS has a name for. */
export function algOf({ algorithm }: CryptoKey): string {
  const { name, hash, namedCurve = name } = algorithm as KeyAlgorithm & { hash?: KeyAlgorithm; namedCurve?: string }
  if (name === 'ECDSA' || name === 'Ed25519') return algOfCurve(namedCurve)
  const family = Object.keys(families).find((prefix) => families[prefix] === name)
  if (family === undefined || hash === undefined) {
    throw new TypeError(`a key for ${name} signs no JWT: use ECDSA, RSA-PSS, RSASSA-PKCS1-v1_5 or Ed25519`)
  }
  return family + hash.name.slice(4)
}

function readPart(part = ''): JsonObject {
  return readObject(new TextDecoder().decode(decodeBase64url(part) ?? undefined))
}

function writePart(value: object): string {
  return encodeBase64url(utf8(JSON.stringify(value)))
}
