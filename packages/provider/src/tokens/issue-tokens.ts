import { OAuthError, type TokenResponse } from '@latchkey/protocol'
import type { Authorization } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'
import type { FamilyRecord, Issued } from '../store/store.ts'
import { createAccessToken } from './access-token.ts'
import { createIdToken } from './id-token.ts'
import { createRefreshToken, type NewRefreshToken, openSuccessor, sealSuccessor } from './refresh-token.ts'

/** Who asked, for events. */
interface Asking {
  readonly requestId: string
  readonly grantType: string
}

/**
 * Turns what a grant decided into tokens: signs first, then writes everything in the one atomic step of what was presented.
 * @throws OAuthError `invalid_grant` when that step finds the code or refresh token used, expired or ended
 */
export async function issueTokens(parts: Parts, authorization: Authorization, asking: Asking): Promise<TokenResponse> {
  const now = Math.floor(parts.runtime.now())
  const access = createAccessToken(parts, authorization, now)
  const refresh = createRefreshToken(parts, authorization, now)
  const { account, scope, grounds } = authorization
  const idToken =
    account !== null && scope.includes('openid')
      ? createIdToken(parts, authorization, { account, accessToken: access.value, now })
      : undefined
  const issued: Issued = {
    family: newFamily(parts, authorization, { now, refresh }),
    accessToken: access.record,
    refreshToken: refresh?.record ?? null,
  }
  const refreshValue = await commit(parts, authorization, { issued, refresh, asking, now })
  const { clientId, sub, familyId } = grounds
  parts.emit({ type: 'token.issued', at: parts.runtime.now(), ...asking, clientId, sub, familyId })
  return {
    access_token: access.value,
    token_type: 'Bearer',
    expires_in: access.expiresAt - now,
    ...(refreshValue === undefined ? {} : { refresh_token: refreshValue }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
    ...(scope.length === 0 ? {} : { scope: scope.join(' ') }),
  }
}

/** A person's first tokens begin a family; it is remembered until the last of them can no longer be valid. */
function newFamily(
  { lifetimes }: Parts,
  { proof, grounds }: Authorization,
  { now, refresh }: { now: number; refresh: NewRefreshToken | null },
): FamilyRecord | null {
  if (proof.kind !== 'code') return null
  const { familyId, clientId, sub, scope } = grounds
  // @spec OIDC Core §11: offline access outlives the session that granted it
  const sid = refresh !== null && scope.includes('offline_access') ? null : grounds.sid
  const expiresAt = (refresh?.record.absoluteExpiresAt ?? now) + lifetimes.access_token
  return { familyId, clientId, sub, sid, createdAt: now, expiresAt }
}

interface Commit {
  readonly issued: Issued
  readonly refresh: NewRefreshToken | null
  readonly asking: Asking
  readonly now: number
}

/** @returns the refresh token to send, if any */
async function commit(parts: Parts, authorization: Authorization, writing: Commit): Promise<string | undefined> {
  const { proof } = authorization
  const { issued, refresh, asking, now } = writing
  if (proof.kind === 'client') {
    if (issued.accessToken !== null) await parts.store.accessTokens.create(issued.accessToken)
    return undefined
  }
  if (proof.kind === 'code') {
    const outcome = await parts.store.codes.redeem(proof.hash, issued, now)
    if (outcome === 'redeemed') return refresh?.value
    throw refused(parts, authorization, { asking, reused: outcome === 'reused' ? 'code.reused' : null })
  }
  if (refresh === null) throw new Error('a refresh without a successor')
  const rotation = await parts.store.refreshTokens.rotate(
    proof.record.hash,
    { issued, sealedSuccessor: sealSuccessor(parts, proof.handle, refresh.value) },
    { now, graceSeconds: parts.lifetimes.refresh_token_grace },
  )
  if (rotation.outcome === 'rotated') return refresh.value
  if (rotation.outcome === 'replayed') return openSuccessor(proof.handle, rotation.sealedSuccessor)
  const reused = rotation.outcome === 'reused' ? 'refresh.reused' : null
  throw refused(parts, authorization, { asking, reused })
}

/** The store has ended the family already; this tells of it. @spec RFC 6749 §4.1.2; RFC 9700 §4.14.2 */
function refused(
  parts: Parts,
  { grounds, proof }: Authorization,
  { asking, reused }: { asking: Asking; reused: 'code.reused' | 'refresh.reused' | null },
): OAuthError {
  const what = proof.kind === 'code' ? 'code' : 'refresh token'
  if (reused === null) return new OAuthError('invalid_grant', `the ${what} is unknown, expired or revoked`)
  const { clientId, sub, familyId } = grounds
  parts.emit({ type: reused, at: parts.runtime.now(), ...asking, clientId, sub, familyId })
  return new OAuthError('invalid_grant', `the ${what} was used before; every token of its session has been ended`)
}
