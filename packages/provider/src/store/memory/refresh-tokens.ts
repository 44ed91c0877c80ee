import type { RefreshTokenStore } from '../store.ts'
import { isEnded, rememberEnded } from './families.ts'
import { writeIssued } from './issued.ts'
import type { StoredRefreshToken, Tables } from './tables.ts'

export function memoryRefreshTokens(tables: Tables): RefreshTokenStore {
  const { refreshTokens } = tables
  return {
    async find(hash) {
      const stored = refreshTokens.get(hash)
      if (stored === undefined) return null
      const { successorHash: _, sealedSuccessor: __, ...record } = stored
      return record
    },
    async rotate(hash, { issued, sealedSuccessor }, { now, graceSeconds }) {
      const used = refreshTokens.get(hash)
      if (used === undefined || used.expiresAt <= now) return { outcome: 'unknown' }
      const { familyId } = used.grounds
      if (isEnded(tables, familyId)) return { outcome: 'unknown' }
      if (used.rotatedAt === null) {
        writeIssued(tables, issued, { grounds: used.grounds, now })
        const successorHash = issued.refreshToken?.hash ?? null
        refreshTokens.set(hash, { ...used, rotatedAt: now, successorHash, sealedSuccessor })
        return { outcome: 'rotated' }
      }
      const successor = used.successorHash === null ? undefined : refreshTokens.get(used.successorHash)
      if (now < used.rotatedAt + graceSeconds && isUnused(successor, now) && used.sealedSuccessor !== null) {
        const { accessToken, status } = issued
        writeIssued(tables, { family: null, accessToken, refreshToken: null, status }, { grounds: used.grounds, now })
        return { outcome: 'replayed', sealedSuccessor: used.sealedSuccessor }
      }
      rememberEnded(tables, used.grounds, { now, expiresAt: used.absoluteExpiresAt })
      return { outcome: 'reused', familyId }
    },
    async extend(hash, { issued, expiresAt }, now) {
      const used = refreshTokens.get(hash)
      if (used === undefined || used.expiresAt <= now || used.rotatedAt !== null) return 'unknown'
      if (isEnded(tables, used.grounds.familyId)) return 'unknown'
      const { accessToken, status } = issued
      writeIssued(tables, { family: null, accessToken, refreshToken: null, status }, { grounds: used.grounds, now })
      const end = Math.min(Math.max(used.expiresAt, expiresAt), used.absoluteExpiresAt)
      refreshTokens.set(hash, { ...used, expiresAt: end })
      return 'extended'
    },
  }
}

function isUnused(successor: StoredRefreshToken | undefined, now: number): boolean {
  return successor !== undefined && successor.rotatedAt === null && successor.expiresAt > now
}
