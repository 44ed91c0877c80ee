import type { TokenResponse } from '@latchkey/protocol'
import type { Authorization } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'
import { andThen, type Soon } from '../soon.ts'
import { takeStatusPlace } from '../status-lists/status-lists.ts'
import type { FamilyRecord, Issued } from '../store/store.ts'
import { createAccessToken, type NewAccessToken } from './access-token.ts'
import { type Asking, commitTokens } from './commit-tokens.ts'
import { createIdToken } from './id-token.ts'
import { createRefreshToken, type NewRefreshToken } from './refresh-token.ts'
import { carriedDetails } from './token-details.ts'

/**
 * Turns what a grant decided into tokens: signs first, then writes everything in the one atomic step of what was presented.
 * @throws OAuthError `invalid_grant` when that step finds the code or refresh token used, expired or ended
 */
export async function issueTokens(parts: Parts, decided: Authorization, asking: Asking): Promise<TokenResponse> {
  const making = makeTokens(parts, decided, asking.grantType)
  const made = making instanceof Promise ? await making : making
  const refreshToken = await writeTokens(parts, made, asking)
  const { clientId, sub, familyId } = decided.grounds
  parts.emit({ type: 'token.issued', at: parts.runtime.now(), ...asking, clientId, sub, familyId })
  return tokenResponse(made, refreshToken)
}

interface Made {
  readonly authorization: Authorization
  readonly access: NewAccessToken
  readonly refresh: NewRefreshToken | null
  readonly idToken: string | undefined
  readonly now: number
}

function makeTokens(parts: Parts, decided: Authorization, grantType: string): Soon<Made> {
  const now = Math.floor(parts.runtime.now())
  const authorization = withinGrant(parts, decided, { grantType, now })
  return andThen(takeStatusPlace(parts, authorization, now), (place) => {
    const access = createAccessToken(parts, authorization, { now, place })
    const refresh = createRefreshToken(parts, authorization, now)
    const { account, scope } = authorization
    if (account === null || !scope.includes('openid')) {
      return { authorization, access, refresh, idToken: undefined, now }
    }
    const signing = createIdToken(parts, authorization, { account, accessToken: access.value, now })
    return andThen(signing, (idToken) => ({ authorization, access, refresh, idToken, now }))
  })
}

function writeTokens(parts: Parts, { authorization, access, refresh, now }: Made, asking: Asking) {
  const issued: Issued = {
    family: newFamily(parts, authorization, { now, refresh }),
    accessToken: access.record,
    refreshToken: refresh?.record ?? null,
    status: access.status,
  }
  return commitTokens(parts, authorization, { issued, refresh, asking, now })
}

function tokenResponse({ authorization, access, idToken, now }: Made, refreshToken: string | undefined): TokenResponse {
  const { grounds, scope, issuedTokenType } = authorization
  const details = carriedDetails(authorization)
  return {
    access_token: access.value,
    // @spec RFC 9449 §5
    token_type: grounds.cnf?.jkt === undefined ? 'Bearer' : 'DPoP',
    expires_in: access.expiresAt - now,
    ...(issuedTokenType === undefined ? {} : { issued_token_type: issuedTokenType }),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
    ...(scope.length === 0 ? {} : { scope: scope.join(' ') }),
    // @spec RFC 9396 §7
    ...(details.length === 0 ? {} : { authorization_details: details }),
  }
}

/** What the grant's own limit leaves of the access token's life. */
function withinGrant(
  { grantLifetimes }: Parts,
  authorization: Authorization,
  { grantType, now }: { grantType: string; now: number },
): Authorization {
  const seconds = grantLifetimes.get(grantType)
  if (seconds === undefined) return authorization
  return { ...authorization, notAfter: Math.min(now + seconds, authorization.notAfter ?? Infinity) }
}

/** What is issued first begins a family; it is remembered until the last of its tokens can no longer be valid. */
function newFamily(
  { lifetimes }: Parts,
  { proof, grounds }: Authorization,
  { now, refresh }: { now: number; refresh: NewRefreshToken | null },
): FamilyRecord | null {
  if (proof.kind === 'client' || proof.kind === 'refresh') return null
  const { familyId, clientId, sub, scope } = grounds
  // @spec OIDC Core §11: offline access outlives the session that granted it
  const sid = refresh !== null && scope.includes('offline_access') ? null : grounds.sid
  const expiresAt = (refresh?.record.absoluteExpiresAt ?? now) + lifetimes.access_token
  return { familyId, clientId, sub, sid, createdAt: now, expiresAt }
}
