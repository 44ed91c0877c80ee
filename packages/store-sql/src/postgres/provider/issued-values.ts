import type { AccessTokenRecord, Grounds, Issued, RefreshTokenRecord, StatusEntry } from '@latchkey/provider'
import type { TokenData } from '../../provider/issued.ts'
import type { Value } from '../postgres.ts'

/** How many values stand for what one token response writes. */
export const issuedCount = 13

/** What one token response writes, as the functions take it. The family is remembered as long as any of the tokens. */
export function issuedValues(issued: Issued, now: number): readonly Value[] {
  const { family, accessToken, refreshToken, status } = issued
  const whose: Pick<Grounds, 'familyId' | 'clientId' | 'sub' | 'sid'> | undefined =
    family ?? accessToken?.grounds ?? refreshToken?.grounds
  const end = Math.max(family?.expiresAt ?? now, accessToken?.expiresAt ?? now, refreshToken?.absoluteExpiresAt ?? now)
  return [
    whose?.familyId ?? null,
    whose?.clientId ?? null,
    whose?.sub ?? null,
    whose?.sid ?? null,
    family?.createdAt ?? now,
    end,
    ...(accessToken === null ? statusValues(status) : [accessToken.hash, accessToken.expiresAt, dataOf(accessToken)]),
    ...(refreshToken === null
      ? [null, null, null, null]
      : [refreshToken.hash, refreshToken.expiresAt, refreshToken.absoluteExpiresAt, dataOf(refreshToken)]),
  ]
}

/** Where there is no opaque token's row, its place is taken by a JWT's entry in a status list. */
function statusValues(status: StatusEntry | undefined): readonly Value[] {
  return status === undefined ? [null, null, null] : [null, status.expiresAt, JSON.stringify(status)]
}

export function dataOf({ grounds, createdAt }: AccessTokenRecord | RefreshTokenRecord): string {
  return JSON.stringify({ grounds, createdAt } satisfies TokenData)
}

/** `$first, …` for so many values. */
export function places(first: number, count: number): string {
  return Array.from({ length: count }, (_, index) => `$${first + index}`).join(', ')
}
