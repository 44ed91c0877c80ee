import type { Revocation, StatusEntry, StatusListRecord, StatusListStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'

/** The steps on status lists that other verbs take inside their own transaction. */
export interface StatusSteps {
  enter(entry: StatusEntry): void
  /** Marks what an entry of the revocation log covers. */
  mark(revoked: Pick<Revocation, 'kind' | 'id'>): void
}

export function statusSteps(db: SqliteDatabase): StatusSteps {
  const insert = db.prepare(
    `insert into status_entries (jti, list_id, position, client_id, kid, expires_at, revoked)
     values (?, ?, ?, ?, ?, ?, 0)`,
  )
  const marking = (condition: string) =>
    db.prepare(`update status_entries set revoked = 1 where revoked = 0 and ${condition}`)
  const marks: Partial<Record<Revocation['kind'], ReturnType<typeof marking>>> = {
    token: marking('jti = ?1'),
    // Every id that begins with the family's and a dot.
    family: marking("jti > ?1 || '.' and jti < ?1 || '/'"),
    client: marking('client_id = ?1'),
    key: marking('kid = ?1'),
  }
  return {
    enter({ jti, listId, index, clientId, kid, expiresAt }) {
      insert.run(jti, listId, index, clientId, kid, expiresAt)
    },
    mark: ({ kind, id }) => void marks[kind]?.run(id),
  }
}

export function sqliteStatusLists(db: SqliteDatabase): StatusListStore {
  const open = db.prepare('insert into status_lists (id, size, created_at, expires_at) values (?, ?, ?, ?)')
  const find = db.prepare<Schema['status_lists']>('select * from status_lists where id = ? and expires_at > ?')
  const revoked = db.prepare<Pick<Schema['status_entries'], 'position'>>(
    'select position from status_entries where list_id = ? and revoked = 1 order by position',
  )
  const current = db.prepare<Pick<Schema['status_lists'], 'id'>>(
    'select id from status_lists where expires_at > ? order by created_at, id',
  )
  const { enter } = statusSteps(db)
  return {
    open: ({ id, size, createdAt, expiresAt }) => db.write(() => void open.run(id, size, createdAt, expiresAt)),
    enter: (entry) => db.write(() => enter(entry)),
    read: (id, now) =>
      db.read(() => {
        const row = find.get(id, now)
        return row === undefined ? null : { list: listOf(row), revoked: revoked.all(id).map((entry) => entry.position) }
      }),
    current: (now) => db.read(() => current.all(now).map((row) => row.id)),
  }
}

export function listOf({
  id,
  size,
  created_at: createdAt,
  expires_at: expiresAt,
}: Schema['status_lists']): StatusListRecord {
  return { id, size, createdAt, expiresAt }
}
