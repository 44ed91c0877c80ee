import { type Bytes, encodeBase64url } from '@latchkey/protocol'

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

/** The first `bytes` of a text's SHA-2 hash, all of them when left out, in base64url. */
export async function hash(text: string, bits: number | string = 256, bytes?: number): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, utf8(text)), 0, bytes))
}

/** Adds parameters to `form`, in place of those of the same name, each value once; what is undefined, null or empty is left out. */
export function fill(
  form: URLSearchParams,
  parameters: Readonly<Record<string, string | readonly string[] | null | undefined>>,
): URLSearchParams {
  for (const [name, given] of Object.entries(parameters)) {
    const values = new Set([given || []].flat())
    if (values.size > 0) form.delete(name)
    for (const value of values) form.append(name, value)
  }
  return form
}
