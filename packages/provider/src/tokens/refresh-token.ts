import { deriveKey, newHandle, open, seal } from '../crypto.ts'
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
  if (!mayRefresh(authorization)) return null
  const { refresh_token_idle: idle, refresh_token_absolute: absolute } = parts.lifetimes
  const absoluteExpiresAt = proof.kind === 'refresh' ? proof.record.absoluteExpiresAt : now + absolute
  const { handle, hash } = newHandle(parts.runtime)
  const expiresAt = Math.min(now + idle, absoluteExpiresAt)
  return { value: handle, record: { hash, grounds, createdAt: now, expiresAt, absoluteExpiresAt } }
}

/** @spec OIDC Core §11 */
function mayRefresh({ client, grounds, proof }: Authorization): boolean {
  if (proof.kind !== 'code') return proof.kind === 'refresh'
  const { grant_types: types, refresh_token_requires_offline_access: waits } = client.metadata
  return types.includes('refresh_token') && (!waits || grounds.scope.includes('offline_access'))
}

const purpose = 'latchkey refresh token successor'

/** Only who holds the presented token can read its successor: the store alone cannot. */
export function sealSuccessor(parts: Pick<Parts, 'runtime'>, presented: string, successor: string): string {
  return seal(deriveKey(presented, purpose), successor, { context: purpose, runtime: parts.runtime })
}

export function openSuccessor(presented: string, sealed: string): string {
  const successor = open(deriveKey(presented, purpose), sealed, purpose)
  if (successor === null) throw new Error('the stored successor of a refresh token does not open')
  return successor
}
