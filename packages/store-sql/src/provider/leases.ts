import type { LeaseStore } from '@latchkey/provider'
import type { SqliteDatabase } from '../sqlite.ts'

export function sqliteLeases(db: SqliteDatabase): LeaseStore {
  const acquire = db.prepare<{ readonly fence: number }>(
    `insert into leases (name, holder, ends_at, fence) values (?1, ?2, ?4, 1)
     on conflict (name) do update set holder = excluded.holder, ends_at = excluded.ends_at, fence = fence + 1
     where leases.holder = ?2 or leases.ends_at <= ?3
     returning fence`,
  )
  const release = db.prepare('update leases set ends_at = 0 where name = ? and holder = ?')
  return {
    acquire: (name, holder, { now, seconds }) =>
      db.write(() => acquire.get(name, holder, now, now + seconds)?.fence ?? null),
    release: (name, holder) =>
      db.write(() => {
        release.run(name, holder)
      }),
  }
}
