import type { RefreshClaim, SessionStore } from '@latchkey/bff'
import type { SqliteDatabase } from '../sqlite.ts'
import type { SessionChanges } from './session-changes.ts'
import { isAlive, type SessionRow } from './session-row.ts'

type Renewal = Pick<SessionStore, 'claimRefresh' | 'renewLease' | 'commitTokens' | 'releaseRefresh'>

/** Renewal by one holder at a time: a lease says who may, a fence says who was the last that could. */
export function sqliteRenewal(db: SqliteDatabase, changes: SessionChanges): Renewal {
  const { find, claim, renew, commit, release } = prepare(db)
  return {
    claimRefresh: (hash, version, { now, leaseSeconds }) =>
      db.write((): RefreshClaim => {
        const row = find.get(now, hash)
        if (row === undefined) return { outcome: 'gone' }
        if (row.version !== version) return { outcome: 'moved' }
        const leaseEndsAt = row.lease_ends_at
        if (leaseEndsAt !== null && leaseEndsAt > now) return { outcome: 'busy', leaseEndsAt }
        claim.run(row.fence + 1, now + leaseSeconds, hash)
        return { outcome: 'claimed', fence: row.fence + 1 }
      }),
    renewLease: (hash, fence, { now, leaseSeconds }) =>
      db.write(() => renew.run(now, hash, fence, now + leaseSeconds).changes === 1),
    async commitTokens(hash, { sealedTokens, version, fence, now }) {
      const outcome = await db.write(() => {
        const row = find.get(now, hash)
        if (row === undefined) return 'gone'
        if (row.fence !== fence || row.lease_ends_at === null || row.version !== version) return 'superseded'
        commit.run(sealedTokens, hash)
        changes.note(hash, now)
        return 'committed'
      })
      if (outcome === 'committed') changes.tell([hash])
      return outcome
    },
    releaseRefresh: (hash, fence) =>
      db.write(() => {
        release.run(hash, fence)
      }),
  }
}

function prepare(db: SqliteDatabase) {
  const find = db.prepare<Pick<SessionRow, 'version' | 'fence' | 'lease_ends_at'>>(
    `select version, fence, lease_ends_at from bff_sessions where ${isAlive} and hash = ?2`,
  )
  const claim = db.prepare('update bff_sessions set fence = ?, lease_ends_at = ? where hash = ?')
  const renew = db.prepare(
    `update bff_sessions set lease_ends_at = ?4
     where ${isAlive} and hash = ?2 and fence = ?3 and lease_ends_at is not null`,
  )
  const commit = db.prepare(
    'update bff_sessions set sealed_tokens = ?, version = version + 1, lease_ends_at = null where hash = ?',
  )
  const release = db.prepare('update bff_sessions set lease_ends_at = null where hash = ? and fence = ?')
  return { find, claim, renew, commit, release }
}
