import type { RefreshClaim, SessionStore } from '@latchkey/bff'
import type { SqliteDatabase } from '../sqlite.ts'
import type { Presence } from './presence.ts'
import type { SessionChanges } from './session-changes.ts'
import { busyWith, type ClaimRow, heldUntil, isAlive } from './session-row.ts'

type Verb = 'claimRefresh' | 'announceRequest' | 'renewLease' | 'commitTokens' | 'releaseRefresh' | 'isGone'
type Renewal = Pick<SessionStore, Verb>

/** Renewal by one holder at a time: a lease says who may, a fence says who was the last that could. */
export function sqliteRenewal(
  db: SqliteDatabase,
  { changes, presence }: { changes: SessionChanges; presence: Presence },
): Renewal {
  const { find, claim, announce, renew, commit, release } = prepare(db)
  return {
    async claimRefresh(hash, version, { now, leaseSeconds, instead }) {
      const holder = presence.name()
      return db.write((): RefreshClaim => {
        const row = find.get(now, hash)
        if (row === undefined) return { outcome: 'gone' }
        if (row.version !== version) return { outcome: 'moved' }
        if (heldUntil(row) > now && row.fence !== instead) return busyWith(row)
        claim.run(row.fence + 1, now + leaseSeconds, holder, hash)
        return { outcome: 'claimed', fence: row.fence + 1 }
      })
    },
    announceRequest: (hash, fence, { now, leaseSeconds, answerBy }) =>
      db.write(() => announce.run(now, hash, fence, now + leaseSeconds, answerBy).changes === 1),
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
    isGone: async (holder) => presence.isGone(holder),
  }
}

function prepare(db: SqliteDatabase) {
  const find = db.prepare<ClaimRow>(
    `select version, fence, lease_ends_at, holder, asked_at, answer_by from bff_sessions where ${isAlive} and hash = ?2`,
  )
  const claim = db.prepare(
    `update bff_sessions set fence = ?, lease_ends_at = ?, holder = ?, asked_at = null, answer_by = null where hash = ?`,
  )
  const announce = db.prepare(
    `update bff_sessions set lease_ends_at = ?4, asked_at = ?1, answer_by = ?5
     where ${isAlive} and hash = ?2 and fence = ?3 and lease_ends_at is not null`,
  )
  const renew = db.prepare(
    `update bff_sessions set lease_ends_at = ?4
     where ${isAlive} and hash = ?2 and fence = ?3 and lease_ends_at is not null`,
  )
  const commit = db.prepare(
    'update bff_sessions set sealed_tokens = ?, version = version + 1, lease_ends_at = null where hash = ?',
  )
  const release = db.prepare('update bff_sessions set lease_ends_at = null where hash = ? and fence = ?')
  return { find, claim, announce, renew, commit, release }
}
