import { scopeClaims } from '@latchkey/protocol'
import type { Account } from '../accounts.ts'

/** What a scope lets a client know of a person. @spec OIDC Core §5.4 */
export function scopedClaims(account: Account, scope: readonly string[]): Record<string, unknown> {
  const claims: Record<string, unknown> = {}
  for (const value of scope) {
    for (const name of scopeClaims[value] ?? []) {
      const claim = account.claims[name] ?? (name === 'preferred_username' ? account.username : undefined)
      if (claim !== undefined) claims[name] = claim
    }
  }
  return claims
}
