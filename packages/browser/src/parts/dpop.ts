import { createDpopProver, generateDpopKeyPair } from '@latchkey/client'
import type { AuthPart } from '../auth-part.ts'
import { foundOrMade } from '../platform/database.ts'

/** Where the key pair of a configuration comes from. */
export type DpopKeys = (name: string) => Promise<CryptoKeyPair>

/**
 * Binds every token to a key whose private half can sign and never be read: a stolen token is worth nothing elsewhere.
 * All tabs share it by IndexedDB; where that is blocked each page has one of its own.
 * @spec RFC 9449
 */
export function dpop(keys: DpopKeys = databaseKeys): AuthPart {
  return {
    connection: ({ name }, { runtime }) => ({ dpop: createDpopProver({ runtime, keyPair: () => keys(name) }) }),
  }
}

function databaseKeys(name: string): Promise<CryptoKeyPair> {
  return foundOrMade('keys', `dpop:${name}`, generateDpopKeyPair).catch(generateDpopKeyPair)
}
