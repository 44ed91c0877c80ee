import { encodeBase64url, type Runtime } from '@latchkey/protocol'

/** A new subject identifier: says nothing about the person, and is never used again. @spec OIDC Core §8 */
export function newSub(runtime: Pick<Runtime, 'randomBytes'>): string {
  return encodeBase64url(runtime.randomBytes(16))
}
