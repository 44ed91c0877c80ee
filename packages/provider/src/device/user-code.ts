import type { Runtime } from '@latchkey/protocol'
import { mac } from '../crypto.ts'
import type { Parts } from '../parts.ts'

/** Consonants alone: no code spells a word, and none looks like a digit. 8 of 20 are 34.6 bits. @spec RFC 8628 §6.1 */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ'
const length = 8
/** The largest multiple of 20 that a byte holds: what lies above would favour some letters. */
const fair = 240

export function newUserCode(runtime: Pick<Runtime, 'randomBytes'>): string {
  let code = ''
  while (code.length < length) {
    for (const byte of runtime.randomBytes(length)) {
      if (byte < fair && code.length < length) code += alphabet[byte % alphabet.length]
    }
  }
  return code
}

/** `XXXX-XXXX`, as people read it. */
export function formatUserCode(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** What somebody typed, in whatever case and with whatever between the letters, or null when it cannot be a code. */
export function canonicalUserCode(typed: string): string | null {
  const code = typed.toUpperCase().replace(/[\s\-–—_.·]/g, '')
  return /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(code) ? code : null
}

/** What a user code is stored under: whoever reads the database cannot type it. */
export function userCodeLookup({ formKey }: Pick<Parts, 'formKey'>, code: string): string {
  return mac(formKey, `user code ${code}`)
}
