import { hashedKey, newHandle, open, seal } from '../crypto.ts'
import type { Authorization } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'
import type { RefreshTokenRecord } from '../store/store.ts'

export interface NewRefreshToken {
  readonly value: string
  readonly record: RefreshTokenRecord
}

/** A successor, a first refresh token where the client may have one, or null. */
export function createRefreshToken(parts: Parts, authorization: Authorization, now: number): NewRefreshToken | null {
  const { proof, grounds } = authorization
  if (!mayRefresh(authorization) || (proof.kind === 'refresh' && !proof.rotates)) return null
  const absoluteExpiresAt =
    proof.kind === 'refresh' ? proof.record.absoluteExpiresAt : now + parts.lifetimes.refresh_token_absolute
  const { handle, hash } = newHandle(parts.runtime)
  const expiresAt = idleEnd(parts, { absoluteExpiresAt }, now)
  return { value: handle, record: { hash, grounds, createdAt: now, expiresAt, absoluteExpiresAt } }
}

/** The earlier of idle and absolute end of a token used now. */
export function idleEnd(
  { lifetimes }: Pick<Parts, 'lifetimes'>,
  { absoluteExpiresAt }: Pick<RefreshTokenRecord, 'absoluteExpiresAt'>,
  now: number,
): number {
  return Math.min(now + lifetimes.refresh_token_idle, absoluteExpiresAt)
}

/** @spec OIDC Core §11 */
function mayRefresh({ client, grounds, proof }: Authorization): boolean {
  if (proof.kind !== 'code' && proof.kind !== 'pending') return proof.kind === 'refresh'
  const { grant_types: types, refresh_token_requires_offline_access: waits } = client.metadata
  return types.includes('refresh_token') && (!waits || grounds.scope.includes('offline_access'))
}

const purpose = 'latchkey refresh token successor'

/** Only who holds the presented token can read its successor: the store alone cannot. */
export function sealSuccessor(parts: Pick<Parts, 'runtime'>, presented: string, successor: string): string {
  return seal(hashedKey(presented, purpose), successor, { context: purpose, runtime: parts.runtime })
}

export function openSuccessor(presented: string, sealed: string): string {
  const successor = open(hashedKey(presented, purpose), sealed, purpose)
  if (successor === null) throw new Error('the stored successor of a refresh token does not open')
  return successor
}
