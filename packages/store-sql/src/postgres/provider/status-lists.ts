import type { StatusListStore } from '@latchkey/provider'
import { listOf } from '../../provider/status-lists.ts'
import type { Schema } from '../../schema.ts'
import type { PostgresDatabase } from '../postgres.ts'

export function postgresStatusLists(db: PostgresDatabase): StatusListStore {
  type ListRow = Schema['status_lists'] & { readonly revoked: readonly number[] | null }
  return {
    async open({ id, size, createdAt, expiresAt }) {
      const open = 'insert into status_lists (id, size, created_at, expires_at) values ($1, $2, $3, $4)'
      await db.write(open, [id, size, createdAt, expiresAt])
    },
    async enter(entry) {
      await db.write('select latchkey_enter_status($1, $2)', [entry.expiresAt, JSON.stringify(entry)])
    },
    async read(id, now) {
      const [row] = await db.read<ListRow>(
        `select id, size, created_at, expires_at,
           (select json_agg(position order by position) from status_entries where list_id = $1 and revoked = 1) as revoked
         from status_lists where id = $1 and expires_at > $2`,
        [id, now],
      )
      return row === undefined ? null : { list: listOf(row), revoked: row.revoked ?? [] }
    },
    async current(now) {
      const current = 'select id from status_lists where expires_at > $1 order by created_at, id'
      return (await db.read<Pick<Schema['status_lists'], 'id'>>(current, [now])).map((row) => row.id)
    },
  }
}
