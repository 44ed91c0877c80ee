import { ConfigError, type Runtime } from '@latchkey/protocol'
import { newId } from '../crypto.ts'
import type { Store } from '../store/store.ts'
import type { KeyVault } from './key-encryption.ts'

const alg = 'secret'

/**
 * A random secret that every node of a store shares and that outlives restarts and changes of the key-encryption key:
 * what form tokens and pairwise subjects are derived from. It stands in the store, sealed.
 */
export async function loadProviderSecret(options: {
  readonly store: Pick<Store, 'keys'>
  readonly vault: KeyVault
  readonly runtime: Runtime
}): Promise<string> {
  const { store, vault, runtime } = options
  const found = (await store.keys.list()).find((record) => record.alg === alg)
  const record = found ?? (await make())
  const opened = await vault.open(record.sealedPrivateJwk, record.kid)
  if (opened === null) throw new ConfigError([doesNotOpen(record.kid)])
  return opened.plain

  async function make() {
    const kid = newId(runtime)
    const now = Math.floor(runtime.now())
    const secret = Buffer.from(runtime.randomBytes(32)).toString('base64url')
    return store.keys.ensure({
      kid,
      alg,
      publicJwk: {},
      sealedPrivateJwk: await vault.seal(secret, kid),
      createdAt: now,
      signsAt: now,
      retiresAt: null,
      dropsAt: null,
      version: 1,
    })
  }
}

export function doesNotOpen(kid: string): string {
  return (
    `keyEncryptionKey: the store's signing key "${kid}" was encrypted under another key; ` +
    'give the key this store was made with, or start with an empty store'
  )
}
