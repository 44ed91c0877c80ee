import type { Runtime } from '@latchkey/protocol'
import type { AuthPart, SessionStorage } from '../auth-part.ts'
import { foundOrMade, inStore } from '../platform/database.ts'
import { shareByStorage } from './kept-session.ts'

interface Sealed {
  readonly iv: Uint8Array<ArrayBuffer>
  readonly sealed: ArrayBuffer
}

/**
 * Keeps the session encrypted in IndexedDB, under a key that can be used and never be read. A copy of the disk is worth
 * nothing; a script of this origin can still ask for it to be opened.
 */
export function keepInIndexedDb(): AuthPart {
  return {
    keep: ({ name }, { runtime }, shared) => shareByStorage(sealedStorage(name, runtime), shared),
  }
}

function sealedStorage(name: string, runtime: Runtime): SessionStorage {
  return {
    async load() {
      const found: Sealed | undefined = await inStore('sessions', 'readonly', (store) => store.get(name))
      if (found === undefined) return null
      const opened = await crypto.subtle.decrypt(cipher(found.iv, name), await keyOf(name), found.sealed)
      return JSON.parse(new TextDecoder().decode(opened))
    },
    async save(session) {
      const iv = runtime.randomBytes(12) as Uint8Array<ArrayBuffer>
      const text = new TextEncoder().encode(JSON.stringify(session))
      const sealed = await crypto.subtle.encrypt(cipher(iv, name), await keyOf(name), text)
      await inStore('sessions', 'readwrite', (store) => store.put({ iv, sealed } satisfies Sealed, name))
    },
    async remove() {
      await inStore('sessions', 'readwrite', (store) => store.delete(name))
    },
  }
}

function keyOf(name: string): Promise<CryptoKey> {
  return foundOrMade('keys', `storage:${name}`, () =>
    crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
  )
}

function cipher(iv: Uint8Array<ArrayBuffer>, name: string): AesGcmParams {
  return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(name) }
}
