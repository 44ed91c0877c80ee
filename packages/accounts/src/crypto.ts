import { argon2, hash, timingSafeEqual } from 'node:crypto'

/** What argon2id is asked to spend: kibibytes, passes, lanes. @spec RFC 9106 §3.1 */
export interface Argon2Cost {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

/** argon2id on a thread of its own, so that requests go on meanwhile. */
export function argon2id(
  password: string,
  options: { salt: Uint8Array; cost: Argon2Cost; length: number },
): Promise<Buffer> {
  const { salt, cost, length } = options
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message: password, nonce: salt, tagLength: length, ...cost }, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    )
  })
}

/** Whether two byte strings are equal, in time that does not depend on where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** SHA-256 in base64url. */
export function sha256(text: string): string {
  return hash('sha256', text, 'base64url')
}
