import type { TokenBasis } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'
import { takeStatusPlace } from '../status-lists/status-lists.ts'
import { createAccessToken } from './access-token.ts'

export interface FrontChannelToken {
  readonly value: string
  /** Seconds. */
  readonly expiresIn: number
}

/**
 * An access token for the answer of the authorization endpoint. It belongs to the family that a code of the same answer
 * begins, so that reuse of that code ends it too. @spec OIDC Core §3.2.2.5, §3.3.2.5
 */
export async function issueFrontChannelToken(parts: Parts, basis: TokenBasis): Promise<FrontChannelToken> {
  const now = Math.floor(parts.runtime.now())
  const place = await takeStatusPlace(parts, basis, now)
  const { value, record, expiresAt, status } = createAccessToken(parts, basis, { now, place })
  const { familyId, clientId, sub, sid } = basis.grounds
  const family = { familyId, clientId, sub, sid, createdAt: now, expiresAt }
  const begun = await parts.store.families.begin({ family, accessToken: record, refreshToken: null, status }, now)
  if (!begun) throw new Error('a new family was ended before it began')
  return { value, expiresIn: expiresAt - now }
}
