import { type ActorClaim, accessTokenType, type ClaimsRequest } from '@latchkey/protocol'
import { hashHandle } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { Grounds, HandleHash } from '../store/store.ts'
import { audience, familyOfJti } from './access-token.ts'

type Finding = Pick<Parts, 'store' | 'keys' | 'issuer' | 'runtime' | 'metadata' | 'clients' | 'subjects'>

/** Where a token comes from: what another one made from it inherits. */
export interface TokenOrigin
  extends Pick<
    Grounds,
    'familyId' | 'sid' | 'authTime' | 'acr' | 'amr' | 'act' | 'authorizationDetails' | 'claims' | 'claimsLocales'
  > {
  /** Who may act for the subject. @spec RFC 8693 §4.4 */
  readonly mayAct?: unknown
}

/** A token that is valid now, whichever form it has. */
export interface PresentedToken {
  readonly clientId: string
  /** The person's own `sub` here; a client may know another. */
  readonly sub: string
  readonly scope: readonly string[]
  readonly audience: readonly string[]
  readonly issuedAt: number
  readonly expiresAt: number
  readonly jti: string | undefined
  /** The APIs among `audience`. */
  readonly resources: readonly string[]
  readonly origin: TokenOrigin
  /** What it is bound to. @spec RFC 7800 §3.1 */
  readonly cnf: Grounds['cnf']
  /** Ends it: an access token alone, a refresh token with its family. @spec RFC 7009 §2.1 */
  revoke(): Promise<unknown>
}

/** The access token that `presented` is, or null when it is none, expired, revoked or of an ended family. */
export function findAccessToken(parts: Finding, presented: string): Promise<PresentedToken | null> {
  const hash = hashHandle(presented)
  return hash === null ? findJwt(parts, presented) : findOpaque(parts, hash)
}

async function findOpaque(parts: Finding, hash: HandleHash): Promise<PresentedToken | null> {
  const record = await parts.store.accessTokens.find(hash, parts.runtime.now())
  if (record === null) return null
  const { grounds } = record
  const resource = grounds.resources[0]
  return {
    clientId: grounds.clientId,
    sub: grounds.sub,
    scope: grounds.scope,
    audience: resource === undefined ? [] : [audience(parts, grounds.scope, resource)].flat(),
    issuedAt: record.createdAt,
    expiresAt: record.expiresAt,
    jti: undefined,
    resources: grounds.resources,
    origin: grounds,
    cnf: grounds.cnf,
    revoke: () => parts.store.accessTokens.revoke(hash),
  }
}

/** @spec RFC 9068 §4 */
async function findJwt(parts: Finding, jwt: string): Promise<PresentedToken | null> {
  const claims = parts.keys.verify(jwt, accessTokenType) ?? (await parts.keys.verifyAnew(jwt, accessTokenType))
  if (claims === null || claims.iss !== parts.issuer) return null
  const { client_id: clientId, sub: subject, jti, iat, exp, scope } = claims
  if (typeof clientId !== 'string' || typeof subject !== 'string' || typeof jti !== 'string') return null
  if (typeof exp !== 'number' || typeof iat !== 'number' || exp <= parts.runtime.now()) return null
  if (await parts.store.accessTokens.isJwtRevoked(jti, familyOfJti(jti))) return null
  const client = await parts.clients.find(clientId)
  // A client that is gone takes its tokens along; one that now knows people otherwise needs new ones.
  const sub = client === null ? null : parts.subjects.whom(client.metadata, subject, claims)
  if (sub === null) return null
  const audiences = [claims.aud].flat().filter((value) => typeof value === 'string')
  return {
    clientId,
    sub,
    scope: typeof scope === 'string' ? scope.split(' ') : [],
    audience: audiences,
    issuedAt: iat,
    expiresAt: exp,
    jti,
    resources: audiences.slice(0, 1),
    origin: originOf(claims, jti),
    cnf: (claims.cnf ?? null) as Grounds['cnf'],
    revoke: () => parts.store.accessTokens.revokeJwt(jti, exp, Math.floor(parts.runtime.now())),
  }
}

/** The claims are our own: they hold what `accessTokenClaims` put there, and what a hook added. */
function originOf(claims: Readonly<Record<string, unknown>>, jti: string): TokenOrigin {
  const { sid, auth_time: authTime, acr, amr, act, may_act: mayAct, authorization_details: details } = claims
  const { claims_locales: locales } = claims
  return {
    familyId: familyOfJti(jti),
    sid: typeof sid === 'string' ? sid : null,
    authTime: typeof authTime === 'number' ? authTime : null,
    acr: typeof acr === 'string' ? acr : null,
    amr: Array.isArray(amr) ? amr.filter((value) => typeof value === 'string') : [],
    ...(act === undefined ? {} : { act: act as ActorClaim }),
    ...(mayAct === undefined ? {} : { mayAct }),
    ...(claims.claims === undefined ? {} : { claims: claims.claims as ClaimsRequest }),
    ...(Array.isArray(locales) ? { claimsLocales: locales } : {}),
    ...(Array.isArray(details) ? { authorizationDetails: details } : {}),
  }
}

/** The current refresh token that `presented` is, or null. `rotated` ones count for revocation only. */
export async function findRefreshToken(
  parts: Finding,
  presented: string,
  options: { readonly rotated: boolean },
): Promise<PresentedToken | null> {
  const hash = hashHandle(presented)
  const record = hash === null ? null : await parts.store.refreshTokens.find(hash)
  if (record === null || record.expiresAt <= parts.runtime.now()) return null
  if (record.rotatedAt !== null && !options.rotated) return null
  const { grounds } = record
  const family = await parts.store.families.find(grounds.familyId)
  if (family === null || family.revokedAt !== null) return null
  return {
    clientId: grounds.clientId,
    sub: grounds.sub,
    scope: grounds.scope,
    audience: [],
    issuedAt: record.createdAt,
    expiresAt: record.expiresAt,
    jti: undefined,
    resources: grounds.resources,
    origin: grounds,
    cnf: grounds.cnf,
    revoke: () => parts.store.families.revoke(grounds.familyId, Math.floor(parts.runtime.now()), family.expiresAt),
  }
}
