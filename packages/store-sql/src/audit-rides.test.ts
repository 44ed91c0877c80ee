import type { AuditRecord } from '@latchkey/provider'
import { storeRecords } from '@latchkey/provider/store-contract'
import { afterAll, expect, test } from 'vitest'
import { createSqliteStore, openSqlite } from './index.ts'
import { temporaryFiles } from './trials/temporary-files.ts'

const { auditRecord, now } = storeRecords
const files = temporaryFiles()
afterAll(files.remove)

const entry = auditRecord({ type: 'consent.withdrawn', clientId: 'web' })

test('issue 4: an act and its entry are one transaction: where the entry cannot be written, nothing was done', async () => {
  const store = createSqliteStore(openSqlite(files.next()))
  await store.consents.grant('alice', 'web', { permissions: ['@'] }, now)
  const unwritable = { ...entry, type: null } as unknown as AuditRecord
  const act = () => store.consents.withdraw('alice', 'web', now)
  await expect(store.audit.along(act, () => [unwritable])).rejects.toThrow()
  expect(await store.consents.find('alice', 'web')).toEqual(['@'])
  expect((await store.audit.along(act, () => [entry])).isWritten).toBe(true)
  expect(await store.consents.find('alice', 'web')).toEqual([])
  expect(await store.audit.list({ limit: 9 })).toEqual([entry])
  await store.close()
})

test('an entry rides with the write that its act begins at once, and with no other', async () => {
  const store = createSqliteStore(openSqlite(files.next()))
  const later = async () => {
    await Promise.resolve()
    return store.consents.withdraw('alice', 'web', now)
  }
  expect((await store.audit.along(later, () => [entry])).isWritten).toBe(false)
  expect(
    (
      await store.audit.along(
        () => store.consents.find('alice', 'web'),
        () => [entry],
      )
    ).isWritten,
  ).toBe(false)
  await store.consents.grant('alice', 'web', { permissions: ['@'] }, now)
  expect(await store.audit.list({ limit: 9 })).toEqual([])
  const broken = () => {
    throw new Error('not begun')
  }
  await expect(store.audit.along(broken, () => [entry])).rejects.toThrow('not begun')
  await store.consents.withdraw('alice', 'web', now)
  expect(await store.audit.list({ limit: 9 })).toEqual([])
  await store.close()
})

test('what people see and take back is found by the person, not by reading every row', async () => {
  const db = openSqlite(files.next())
  const planOf = (sql: string) =>
    db
      .prepare<{ detail: string }>(`explain query plan ${sql}`)
      .all()
      .map(({ detail }) => detail)
      .join('; ')
  const family = "update families set revoked_at = 1 where sub = 'a' and client_id = 'b' and revoked_at is null"
  expect(planOf(family)).toContain('families_of_person')
  expect(planOf("select data from sessions where json_extract(data, '$.sub') = 'a' and expires_at > 1")).toContain(
    'sessions_of_person',
  )
  expect(planOf("select client_id from families where sub = 'a' and revoked_at is null group by client_id")).toContain(
    'families_of_person',
  )
  await db.close()
})
