import { type AccessTokenClaims, accessTokenType } from '@latchkey/protocol'
import { addedClaims } from '../claims/claim-hooks.ts'
import { newHandle, newId } from '../crypto.ts'
import type { TokenBasis } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'
import type { StatusPlace } from '../status-lists/status-places.ts'
import type { AccessTokenRecord, Grounds, StatusEntry } from '../store/store.ts'
import { accessTokenEnd } from './access-token-end.ts'
import { carriedDetails } from './token-details.ts'

/** A new access token: its value, and the row it needs when it is opaque. */
export interface NewAccessToken {
  readonly value: string
  readonly record: AccessTokenRecord | null
  /** The row of its status, where it names a status list. */
  readonly status?: StatusEntry
  /** Epoch seconds. */
  readonly expiresAt: number
}

interface Making {
  readonly now: number
  /** Where its status is to stand: `takeStatusPlace` knows. */
  readonly place: StatusPlace | null
}

/** A JWT for a resource that wants one, opaque otherwise. */
export function createAccessToken(parts: Parts, authorization: TokenBasis, { now, place }: Making): NewAccessToken {
  const expiresAt = accessTokenEnd(parts, authorization, now)
  if (authorization.resource?.access_token_format === 'jwt') {
    const claims = accessTokenClaims(parts, authorization, { now, expiresAt, place })
    const { access_token_signing_alg: alg } = authorization.resource
    const value = parts.keys.sign(alg, claims, { typ: accessTokenType })
    const status = place === null ? {} : { status: statusEntry(value, claims, place) }
    return { value, record: null, expiresAt, ...status }
  }
  const { handle, hash } = newHandle(parts.runtime)
  const { scope, resource } = authorization
  const { authorizationDetails: _granted, ...grounds } = authorization.grounds
  const details = carriedDetails(authorization)
  const resources = resource === null ? [] : [resource.identifier]
  return {
    value: handle,
    record: {
      hash,
      grounds: { ...grounds, scope, resources, ...(details.length === 0 ? {} : { authorizationDetails: details }) },
      createdAt: now,
      expiresAt,
    },
    expiresAt,
  }
}

/** @spec RFC 9068 §2.2 */
function accessTokenClaims(
  parts: Parts,
  basis: TokenBasis,
  { now, expiresAt, place }: Making & { readonly expiresAt: number },
): AccessTokenClaims {
  const { client, account, grounds, scope, resource } = basis
  const details = carriedDetails(basis)
  return {
    ...addedClaims(parts.shape.accessToken, () => ({
      sub: grounds.sub,
      client: client.metadata,
      scope,
      resource: resource?.identifier ?? null,
      accountClaims: account?.claims ?? {},
    })),
    iss: parts.issuer,
    sub: parts.subjects.of(client.metadata, grounds.sub),
    ...parts.subjects.beside(client.metadata, grounds.sub),
    aud: audience(parts, scope, resource?.identifier ?? parts.issuer),
    exp: expiresAt,
    iat: now,
    jti: `${grounds.familyId}.${newId(parts.runtime)}`,
    client_id: grounds.clientId,
    ...(scope.length === 0 ? {} : { scope: scope.join(' ') }),
    ...(grounds.authTime === null ? {} : { auth_time: grounds.authTime }),
    ...(grounds.acr === null ? {} : { acr: grounds.acr }),
    ...(grounds.amr.length === 0 ? {} : { amr: grounds.amr }),
    // @spec OIDC Core §11: offline access outlives the session, so its tokens must not be refused with it
    ...(grounds.sid === null || grounds.scope.includes('offline_access') ? {} : { sid: grounds.sid }),
    ...(grounds.cnf === null ? {} : { cnf: grounds.cnf }),
    ...(grounds.act === undefined ? {} : { act: grounds.act }),
    // @spec Token Status List §6.2
    ...(place === null ? {} : { status: { status_list: place.reference } }),
    ...(scope.includes('openid') ? askedOfUserinfo(grounds) : {}),
    // @spec RFC 9396 §9.1
    ...(details.length === 0 ? {} : { authorization_details: details }),
  }
}

/** Nothing else tells userinfo what was asked of it. @spec OIDC Core §5.2, §5.5 */
function askedOfUserinfo({ claims, claimsLocales }: Pick<Grounds, 'claims' | 'claimsLocales'>): object {
  return {
    ...(claims?.userinfo === undefined ? {} : { claims: { userinfo: claims.userinfo } }),
    ...(claimsLocales === undefined ? {} : { claims_locales: claimsLocales }),
  }
}

function statusEntry(
  token: string,
  { jti, client_id: clientId, exp }: AccessTokenClaims,
  place: StatusPlace,
): StatusEntry {
  const header = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString()
  const { kid } = JSON.parse(header) as { readonly kid: string }
  return { jti, listId: place.listId, index: place.reference.idx, clientId, kid, expiresAt: exp }
}

/** With `openid` the same token works at userinfo, where single-page applications send it. @spec RFC 9068 §3 */
export function audience(
  parts: Pick<Parts, 'metadata'>,
  scope: readonly string[],
  resource: string,
): string | string[] {
  const userinfo = scope.includes('openid') ? parts.metadata().userinfo_endpoint : undefined
  return userinfo === undefined ? resource : [resource, userinfo]
}

/** The family that a `jti` of ours begins with. */
export function familyOfJti(jti: string): string {
  return jti.slice(0, jti.indexOf('.'))
}
