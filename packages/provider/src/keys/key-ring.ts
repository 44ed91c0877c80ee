import { type SigningAlg, signingAlgs } from '@latchkey/protocol'
import { signJws, verifyJws } from '../crypto.ts'
import type { SigningKey } from './signing-key.ts'

/** The keys of one reading of the store: which of them signs, and which are published, follows from the instant. */
export interface KeyRing {
  readonly keys: readonly SigningKey[]
  has(alg: SigningAlg): boolean
  knows(kid: string): boolean
  sign(alg: SigningAlg, jwt: { payload: object; header: Readonly<Record<string, string>>; now: number }): string
  verify(jwt: string, typ: string, now: number): Record<string, unknown> | null
  jwks(now: number): { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

interface Signer {
  readonly key: SigningKey
  /** Epoch seconds, exclusive. */
  readonly until: number
}

type Jwks = ReturnType<KeyRing['jwks']>

export function createKeyRing(unordered: readonly SigningKey[]): KeyRing {
  const keys = [...unordered].sort((a, b) => order(a) - order(b) || a.record.signsAt - b.record.signsAt)
  const byKid = new Map(keys.map((key) => [key.record.kid, key]))
  const signers = new Map<SigningAlg, Signer>()
  const headers = new Map<string, string>()
  let published: { readonly jwks: Jwks; readonly until: number } | undefined
  function signerAt(alg: SigningAlg, now: number): SigningKey {
    let signer = signers.get(alg)
    if (signer === undefined || now >= signer.until) {
      signer = findSigner(keys, alg, now)
      signers.set(alg, signer)
    }
    return signer.key
  }
  function encoded(text: string): string {
    let header = headers.get(text)
    if (header === undefined) {
      header = Buffer.from(text).toString('base64url')
      headers.set(text, header)
    }
    return header
  }
  return {
    keys,
    has: (alg) => keys.some((key) => key.alg === alg && key.privateKey !== null),
    knows: (kid) => byKid.has(kid),
    sign(alg, { payload, header, now }) {
      const { record, privateKey } = signerAt(alg, now)
      if (privateKey === null) throw new Error(`the ${alg} key "${record.kid}" does not open here`)
      const start = encoded(JSON.stringify({ alg, kid: record.kid, ...header }))
      const input = `${start}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
      return `${input}.${signJws(alg, privateKey, input)}`
    },
    verify: (jwt, typ, now) => verifyOwnJwt(jwt, typ, (kid) => believed(byKid.get(kid), now)),
    jwks(now) {
      if (published === undefined || now >= published.until) published = publish(keys, now)
      return published.jwks
    },
  }
}

function order(key: SigningKey): number {
  return signingAlgs.indexOf(key.alg)
}

/** The youngest whose time has come; where all are yet to come, as with a clock that is behind, the first of them. */
function findSigner(keys: readonly SigningKey[], alg: SigningAlg, now: number): Signer {
  const able = keys.filter((key) => key.alg === alg && key.privateKey !== null && believed(key, now) !== undefined)
  const key = able.findLast(({ record }) => record.signsAt <= now) ?? able[0]
  if (key === undefined) throw new Error(`there is no ${alg} signing key`)
  const changes = able.map(({ record }) => record.signsAt).filter((at) => at > now)
  return { key, until: Math.min(key.record.dropsAt ?? Number.POSITIVE_INFINITY, ...changes) }
}

function believed(key: SigningKey | undefined, now: number): SigningKey | undefined {
  return key === undefined || (key.record.dropsAt !== null && key.record.dropsAt <= now) ? undefined : key
}

/** Announced, signing and retired keys alike. @spec OIDC Core §10.1.1 */
function publish(keys: readonly SigningKey[], now: number): { jwks: Jwks; until: number } {
  const shown = keys.filter((key) => believed(key, now) !== undefined)
  return {
    jwks: { keys: shown.map((key) => key.record.publicJwk) },
    until: Math.min(...shown.map((key) => key.record.dropsAt ?? Number.POSITIVE_INFINITY)),
  }
}

/** The key decides the algorithm, never the token. @spec RFC 8725 §3.1, §3.11 */
function verifyOwnJwt(
  jwt: string,
  typ: string,
  find: (kid: string) => SigningKey | undefined,
): Record<string, unknown> | null {
  const [header, payload, signature, ...more] = jwt.split('.')
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return null
  const said = parsePart(header)
  const key = typeof said?.kid === 'string' ? find(said.kid) : undefined
  if (said === null || key === undefined || said.alg !== key.alg || said.typ !== typ) return null
  if (!verifyJws(key.alg, key.publicKey, { input: `${header}.${payload}`, signature })) return null
  return parsePart(payload)
}

/** The `kid` of a JWT's header, whoever made it. */
export function kidOf(jwt: string): string | null {
  const kid = parsePart(jwt.split('.', 1)[0] ?? '')?.kid
  return typeof kid === 'string' ? kid : null
}

function parsePart(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
