import { type Runtime, type SigningAlg, signingAlgs } from '@latchkey/protocol'
import { importPrivateJwk, importPublicJwk, makeKeyPair, sha256 } from '../crypto.ts'
import type { KeyRecord } from '../store/store.ts'
import type { KeyVault } from './key-encryption.ts'

type KeyObject = ReturnType<typeof importPublicJwk>
type Jwk = Readonly<Record<string, unknown>>

/** A key ready to work. `privateKey` is null for one that only verifies here. */
export interface SigningKey {
  readonly record: KeyRecord
  readonly alg: SigningAlg
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject | null
  /** Whether the private part is sealed under the newest key-encryption key. */
  readonly sealIsCurrent: boolean
}

interface Making {
  readonly vault: KeyVault
  readonly runtime: Runtime
}

/** A new key of this algorithm that signs from `signsAt` on; its `kid` is its thumbprint. @spec RFC 7638 §3 */
export async function makeKey(alg: SigningAlg, signsAt: number, { vault, runtime }: Making): Promise<KeyRecord> {
  const { publicJwk, privateJwk } = await makeKeyPair(alg)
  const kid = thumbprint(publicJwk)
  return {
    kid,
    alg,
    publicJwk: { ...publicJwk, kid, alg, use: 'sig' },
    sealedPrivateJwk: await vault.seal(JSON.stringify(privateJwk), kid),
    createdAt: Math.floor(runtime.now()),
    signsAt,
    retiresAt: null,
    dropsAt: null,
    version: 1,
  }
}

/** null when the record is no signing key. */
export async function openKey(record: KeyRecord, vault: KeyVault): Promise<SigningKey | null> {
  const alg = signingAlgs.find((known) => known === record.alg)
  if (alg === undefined) return null
  const opened = await vault.open(record.sealedPrivateJwk, record.kid)
  return {
    record,
    alg,
    publicKey: importPublicJwk(record.publicJwk),
    privateKey: opened === null ? null : importPrivateJwk(JSON.parse(opened.plain)),
    sealIsCurrent: opened?.current ?? true,
  }
}

/** @spec RFC 7638 §3.2 */
function thumbprint({ crv, e, kty, n, x, y }: Jwk): string {
  return sha256(JSON.stringify({ crv, e, kty, n, x, y }))
}
