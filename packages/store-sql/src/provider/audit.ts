import type { AuditQuery, AuditRecord, AuditStore } from '@latchkey/provider'
import type { Schema } from '../schema.ts'
import type { SqliteDatabase } from '../sqlite.ts'

type Row = Pick<Schema['audit_events'], 'data'>

export function sqliteAudit(db: SqliteDatabase): AuditStore {
  const insert = db.prepare(
    `insert into audit_events (id, type, client_id, sub, actor, expires_at, data) values (?, ?, ?, ?, ?, ?, ?)
     on conflict (id) do nothing`,
  )
  function insertAll(records: readonly AuditRecord[]): void {
    for (const record of records) {
      const { id, type, clientId, sub, actor, expiresAt } = record
      insert.run(id, type, clientId, sub, actor, expiresAt, JSON.stringify(record))
    }
  }
  return {
    append: (records) => db.write(() => insertAll(records)),
    async along<T>(act: () => Promise<T>, entriesOf: (result: T) => readonly AuditRecord[]) {
      const { done, rode } = db.along(act, (written) => insertAll(entriesOf(written as T)))
      return { result: await done, isWritten: rode }
    },
    list: (query) =>
      db.read(() => {
        const { sql, values } = auditSearch(query, () => '?')
        return db
          .prepare<Row>(sql)
          .all(...values)
          .map(auditRecordOf)
      }),
  }
}

export function auditRecordOf({ data }: Row): AuditRecord {
  return JSON.parse(data) as AuditRecord
}

/** The statement for a page of entries; `place` writes the n-th value's sign. */
export function auditSearch({ limit, ...query }: AuditQuery, place: (n: number) => string) {
  const values: (string | number)[] = []
  const sign = (value: string | number): string => place(values.push(value))
  const conditions: string[] = []
  const { type, clientId, person, before, from } = query
  if (type !== undefined) conditions.push(`type = ${sign(type)}`)
  if (clientId !== undefined) conditions.push(`client_id = ${sign(clientId)}`)
  if (person !== undefined) conditions.push(`(sub = ${sign(person)} or actor = ${sign(person)})`)
  if (before !== undefined) conditions.push(`id < ${sign(before)}`)
  if (from !== undefined) conditions.push(`id >= ${sign(from)}`)
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')} `
  return { sql: `select data from audit_events ${where}order by id desc limit ${sign(limit)}`, values }
}
