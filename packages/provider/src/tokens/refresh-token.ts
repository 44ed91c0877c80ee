import { handleFrom, hashedKey, newHandle, open, timePrefix } from '../crypto.ts'
import type { Authorization } from '../grants/grant.ts'
import type { Parts } from '../parts.ts'
import type { RefreshTokenRecord } from '../store/store.ts'

export interface NewRefreshToken {
  readonly value: string
  readonly record: RefreshTokenRecord
  /** For one that takes another's place: what the store keeps, so that whoever repeats that one gets this again. */
  readonly sealed: string | null
}

/** A successor, a first refresh token where the client may have one, or null. */
export function createRefreshToken(parts: Parts, authorization: Authorization, now: number): NewRefreshToken | null {
  const { proof, grounds } = authorization
  if (!mayRefresh(authorization) || (proof.kind === 'refresh' && !proof.rotates)) return null
  const absoluteExpiresAt =
    proof.kind === 'refresh' ? proof.record.absoluteExpiresAt : now + parts.lifetimes.refresh_token_absolute
  const prefix = timePrefix(parts.runtime)
  const isSuccessor = proof.kind === 'refresh'
  const { handle, hash } = isSuccessor ? successorOf(parts, proof.handle, prefix) : newHandle(parts.runtime)
  const expiresAt = idleEnd(parts, { absoluteExpiresAt }, now)
  const record = { hash, grounds, createdAt: now, expiresAt, absoluteExpiresAt }
  return { value: handle, record, sealed: isSuccessor ? timeMark + prefix : null }
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
/** No sealed text begins with it. */
const timeMark = '~'

/**
 * A successor follows from the presented token and a key of the provider. The store has neither: it keeps the successor's
 * hash and, for whoever repeats the presented token, its time.
 */
function successorOf({ successorKey }: Pick<Parts, 'successorKey'>, presented: string, prefix: string) {
  return handleFrom(presented + successorKey, { prefix, purpose })
}

/** The same successor again, from what the store kept of it. */
export function repeatSuccessor(parts: Pick<Parts, 'successorKey'>, presented: string, sealed: string): string {
  if (sealed.startsWith(timeMark)) return successorOf(parts, presented, sealed.slice(timeMark.length)).handle
  // Versions before this one kept it sealed under a key that only the presented token yields.
  const successor = open(hashedKey(presented, purpose), sealed, purpose)
  if (successor === null) throw new Error('the stored successor of a refresh token does not open')
  return successor
}
