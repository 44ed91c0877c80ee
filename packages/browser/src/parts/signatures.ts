import { idTokenSignatures as check } from '@latchkey/client'
import type { AuthPart } from '../auth-part.ts'

/**
 * Checks the signature of every ID token with the provider's published keys, beside everything else that is always
 * checked. While the keys cannot be had a sign-in fails for now (`keys_unavailable`) and a renewal keeps the ID token of before.
 * @spec OIDC Core §3.1.3.7
 */
export function idTokenSignatures(): AuthPart {
  return { connection: () => ({ checkIdToken: check() }) }
}
