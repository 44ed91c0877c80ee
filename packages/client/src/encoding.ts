import { type Bytes, encodeBase64url } from '@latchkey/protocol'

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

/** The first `bytes` of a text's SHA-2 hash, all of them when left out, in base64url. */
export async function hash(text: string, bits: number | string = 256, bytes?: number): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, utf8(text)), 0, bytes))
}

/** Asks once for all who want it; a failure is not remembered. */
export function remembered<T>(ask: () => Promise<T>): () => Promise<T> {
  let found: Promise<T> | null = null
  return () => {
    found ??= ask().catch((error: unknown) => {
      found = null
      throw error
    })
    return found
  }
}
