import type { Runtime } from '@latchkey/protocol'
import { open, seal } from '../crypto.ts'

/** Seals what must not stand in a store in the clear; a key management service fits behind it. */
export interface KeyVault {
  /** `context` is authenticated: what was sealed with one opens with no other. */
  seal(plain: string, context: string): Promise<string>
  /** null when it does not open; `current` is false when it is to be sealed again, under a newer key. */
  open(sealed: string, context: string): Promise<{ readonly plain: string; readonly current: boolean } | null>
}

/** One key of 32 bytes; several, of which the first seals and all open; or a vault. */
export type KeyEncryption = Uint8Array | readonly Uint8Array[] | KeyVault

/** What is wrong with the keys, each with its place and its fix. */
export function* keyEncryptionProblems(given: KeyEncryption): Generator<string> {
  const keys = ringOf(given)
  if (keys === null) return
  if (keys.length === 0) yield 'keyEncryptionKey: give at least one key of 32 bytes'
  for (const [index, key] of keys.entries()) {
    const at = keys.length === 1 ? 'keyEncryptionKey' : `keyEncryptionKey[${index}]`
    if (key.length !== 32) yield `${at}: must be 32 bytes, not ${key.length}`
  }
}

/** AES-256-GCM under the keys given, unless it is a vault already. */
export function keyVault(given: KeyEncryption, runtime: Runtime): KeyVault {
  const keys = ringOf(given)
  if (keys === null) return given as KeyVault
  const first = keys[0]
  if (first === undefined) throw new TypeError('a key-encryption ring needs a key')
  return {
    seal: async (plain, context) => seal(first, plain, { context, runtime }),
    async open(sealed, context) {
      for (const [index, key] of keys.entries()) {
        const plain = open(key, sealed, context)
        if (plain !== null) return { plain, current: index === 0 }
      }
      return null
    },
  }
}

function ringOf(given: KeyEncryption): readonly Uint8Array[] | null {
  if (given instanceof Uint8Array) return [given]
  return Array.isArray(given) ? given : null
}
