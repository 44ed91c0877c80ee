import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

type Members = Readonly<Record<string, unknown>>

/** A key pair of a client: signs client assertions, DPoP proofs and whatever else. */
export interface TestKey {
  readonly alg: string
  readonly jkt: string
  readonly publicJwk: JWK
  readonly privateJwk: JWK
  /** A compact JWT; members that are undefined are left out. */
  sign(payload: Members, header?: Members): Promise<string>
}

export async function testKey(alg = 'ES256'): Promise<TestKey> {
  const pair = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(pair.publicKey)
  return {
    alg,
    jkt: await calculateJwkThumbprint(publicJwk),
    publicJwk,
    privateJwk: await exportJWK(pair.privateKey),
    sign: (payload, header = {}) =>
      new SignJWT(defined(payload)).setProtectedHeader({ alg, ...defined(header) }).sign(pair.privateKey),
  }
}

let serial = 0

/** A DPoP proof; what is given replaces what would stand there. @spec RFC 9449 §4.2 */
export function dpopProof(
  key: TestKey,
  about: { readonly htm: string; readonly htu: string; readonly now: number; readonly accessToken?: string },
  changes: { readonly payload?: Members; readonly header?: Members } = {},
): Promise<string> {
  const { htm, htu, now, accessToken } = about
  const ath = accessToken === undefined ? {} : { ath: createHash('sha256').update(accessToken).digest('base64url') }
  const payload = { jti: `proof-${serial++}`, htm, htu, iat: Math.floor(now), ...ath, ...changes.payload }
  return key.sign(payload, { typ: 'dpop+jwt', jwk: key.publicJwk, ...changes.header })
}

/** A client assertion and the parameters it travels in. @spec RFC 7523 §2.2 */
export async function clientAssertion(
  key: Pick<TestKey, 'sign'>,
  about: { readonly clientId: string; readonly audience: unknown; readonly now: number },
  changes: { readonly payload?: Members; readonly header?: Members } = {},
): Promise<{ client_assertion_type: string; client_assertion: string }> {
  const { clientId, audience, now } = about
  const iat = Math.floor(now)
  const payload = { iss: clientId, sub: clientId, aud: audience, jti: `assertion-${serial++}`, iat, exp: iat + 60 }
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await key.sign({ ...payload, ...changes.payload }, changes.header),
  }
}

function defined(members: Members): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
