import { ConfigError, type Runtime } from '@latchkey/protocol'
import { importPrivateJwk, importPublicJwk, open, seal, signJws, verifyJws } from '../crypto.ts'
import type { SigningKeys } from '../parts.ts'
import type { KeyRecord, Store } from '../store/store.ts'

type SigningAlg = 'ES256' | 'RS256'
type KeyObject = ReturnType<typeof importPublicJwk>

interface SigningKey {
  readonly kid: string
  readonly alg: SigningAlg
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  readonly publicJwk: Readonly<Record<string, unknown>>
}

interface KeyOptions {
  readonly store: Pick<Store, 'keys'>
  readonly keyEncryptionKey: Uint8Array
  readonly runtime: Runtime
}

export const signingAlgs: readonly SigningAlg[] = ['ES256', 'RS256']

/**
 * Loads the signing keys, making those that are missing; nodes that start together agree through `keys.ensure`.
 * @throws ConfigError when the stored keys do not open under `keyEncryptionKey`
 */
export async function loadSigningKeys(options: KeyOptions): Promise<SigningKeys> {
  const stored = await options.store.keys.list()
  const loaded: SigningKey[] = []
  for (const alg of signingAlgs) {
    const record = stored.find((key) => key.alg === alg) ?? (await createKey(alg, options))
    loaded.push(openKey(record, alg, options.keyEncryptionKey))
  }
  return signingKeys(loaded)
}

async function createKey(alg: SigningAlg, { store, keyEncryptionKey, runtime }: KeyOptions): Promise<KeyRecord> {
  const { calculateJwkThumbprint, exportJWK, generateKeyPair } = await import('jose')
  const pair = await generateKeyPair(alg, { extractable: true })
  const publicJwk = await exportJWK(pair.publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const privateJwk = JSON.stringify(await exportJWK(pair.privateKey))
  return store.keys.ensure({
    kid,
    alg,
    publicJwk: { ...publicJwk, kid, alg, use: 'sig' },
    sealedPrivateJwk: seal(keyEncryptionKey, privateJwk, { context: kid, runtime }),
    createdAt: Math.floor(runtime.now()),
  })
}

function openKey(record: KeyRecord, alg: SigningAlg, keyEncryptionKey: Uint8Array): SigningKey {
  const privateJwk = open(keyEncryptionKey, record.sealedPrivateJwk, record.kid)
  if (privateJwk === null) {
    throw new ConfigError([
      `keyEncryptionKey: the store's signing key "${record.kid}" was encrypted under another key; ` +
        'give the key this store was made with, or start with an empty store',
    ])
  }
  return {
    kid: record.kid,
    alg,
    privateKey: importPrivateJwk(JSON.parse(privateJwk)),
    publicKey: importPublicJwk(record.publicJwk),
    publicJwk: record.publicJwk,
  }
}

function signingKeys(keys: readonly SigningKey[]): SigningKeys {
  const byAlg = new Map(keys.map((key) => [key.alg, key]))
  const byKid = new Map(keys.map((key) => [key.kid, key]))
  const jwks = { keys: keys.map((key) => key.publicJwk) }
  const headers = new Map<string, string>()
  return {
    sign(alg, payload, header = { typ: 'JWT' }) {
      const key = byAlg.get(alg)
      if (key === undefined) throw new Error(`there is no ${alg} signing key`)
      const text = JSON.stringify({ alg, kid: key.kid, ...header })
      let encoded = headers.get(text)
      if (encoded === undefined) {
        encoded = Buffer.from(text).toString('base64url')
        headers.set(text, encoded)
      }
      const input = `${encoded}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`
      return `${input}.${signJws(alg, key.privateKey, input)}`
    },
    verify: (jwt, typ) => verifyOwnJwt(jwt, typ, byKid),
    jwks: () => jwks,
  }
}

/** The key decides the algorithm, never the token. @spec RFC 8725 §3.1, §3.11 */
function verifyOwnJwt(
  jwt: string,
  typ: string,
  byKid: ReadonlyMap<string, SigningKey>,
): Record<string, unknown> | null {
  const [header, payload, signature, ...more] = jwt.split('.')
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return null
  const said = parsePart(header)
  const key = typeof said?.kid === 'string' ? byKid.get(said.kid) : undefined
  if (said === null || key === undefined || said.alg !== key.alg || said.typ !== typ) return null
  if (!verifyJws(key.alg, key.publicKey, { input: `${header}.${payload}`, signature })) return null
  return parsePart(payload)
}

function parsePart(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
