import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createSqliteStore, openSqlite, type SqliteDatabase } from '@latchkey/store-sql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testOpaqueApi } from './test-clients.ts'
import { type TestProvider, testProvider } from './test-provider.ts'

let folder: string
let db: SqliteDatabase
let idp: TestProvider
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-trouble-'))
  db = openSqlite(join(folder, 'provider.db'), { lockWaitSeconds: 0.1 })
  idp = await testProvider({ store: createSqliteStore(db) })
})
afterEach(async () => {
  await idp.close()
  await idp.store.close()
  rmSync(folder, { recursive: true, force: true })
})

const pagesOf = () => db.prepare<{ page_count: number }>('pragma page_count').get()?.page_count ?? 0
const limit = (pages: number) => void db.prepare(`pragma max_page_count = ${pages}`).get()
const machine = () =>
  idp.post('/token', 'machine', { grant_type: 'client_credentials', resource: testOpaqueApi, scope: 'read:notes' })

test('issue 4: on a full disk tokens are refused with 503 and Retry-After, and what was presented is as good as before', async () => {
  const tokens = await idp.signIn()
  const { clientId, form } = await idp.code()
  limit(pagesOf())
  let refused = await machine()
  for (let tries = 0; refused.status === 200 && tries < 500; tries++) refused = await machine()
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('30')
  const body = (await refused.json()) as { error: string; error_description: string }
  expect(body.error).toBe('temporarily_unavailable')
  expect(JSON.stringify(body)).not.toContain(folder)
  const attempt = await idp.post('/token', clientId, form)
  const renewal = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
  const renewed = await idp.post('/token', tokens.clientId, renewal)
  expect([attempt.status, renewed.status]).toContain(503)
  limit(1_000_000)
  // Whatever was refused is there to be presented again.
  if (attempt.status === 503) expect((await idp.post('/token', clientId, form)).status).toBe(200)
  if (renewed.status === 503) expect((await idp.post('/token', tokens.clientId, renewal)).status).toBe(200)
  expect((await machine()).status).toBe(200)
  const told = idp.events.filter(({ error }) => error === 'temporarily_unavailable')
  expect(told.some(({ detail }) => detail?.includes('the disk is full'))).toBe(true)
})

test('issue 4: while another process holds the file, writes are refused with 503 and Retry-After, and reads are answered', async () => {
  const tokens = await idp.signIn({ resource: testOpaqueApi, scope: 'openid read:notes' })
  const outside = new DatabaseSync(join(folder, 'provider.db'))
  outside.exec('begin immediate')
  const refused = await machine()
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  const seen = await idp.post('/introspect', 'web', { token: tokens.access_token })
  expect([seen.status, await seen.json()]).toEqual([200, expect.objectContaining({ active: true })])
  outside.exec('rollback')
  outside.close()
  expect((await machine()).status).toBe(200)
})
