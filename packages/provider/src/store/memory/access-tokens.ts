import type { AccessTokenStore } from '../store.ts'
import { isEnded } from './families.ts'
import { appendRevocation } from './revocations.ts'
import { insert, type Tables } from './tables.ts'

export function memoryAccessTokens(tables: Tables): AccessTokenStore {
  const { accessTokens, revokedJwts } = tables
  return {
    async create(record) {
      insert(accessTokens, record.hash, record)
    },
    async find(hash, now) {
      const record = accessTokens.get(hash)
      if (record === undefined || record.expiresAt <= now) return null
      return isEnded(tables, record.grounds.familyId) ? null : record
    },
    async revoke(hash) {
      const record = accessTokens.get(hash)
      accessTokens.delete(hash)
      return record !== undefined && !isEnded(tables, record.grounds.familyId)
    },
    async revokeJwt(jti, expiresAt, now) {
      if ((revokedJwts.get(jti)?.expiresAt ?? 0) >= expiresAt) return
      revokedJwts.set(jti, { expiresAt })
      appendRevocation(tables, { kind: 'token', id: jti, at: now, expiresAt })
    },
    async isJwtRevoked(jti, familyId) {
      return revokedJwts.has(jti) || isEnded(tables, familyId)
    },
  }
}
