import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApiGuard } from '@latchkey/api'
import { createSqliteAccountStore, createSqliteStore, openSqlite } from '@latchkey/store-sql'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readConfig } from '../config/read-config.ts'
import { type RunningServer, serve } from '../serve.ts'
import { deletePerson, endPerson, showPerson, withdrawAccess } from './people-command.ts'

let folder: string
let config: string
let server: RunningServer
let printed: string
const base = {
  listen: { port: 0 },
  store: { sqlite: 'latchkey.db' },
  users: [{ username: 'root', password: 'a long password of root', admin: true }],
  clients: [{ client_id: 'guard', client_secret: 'a-secret-of-the-guard', grant_types: [], revocation_feed: true }],
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-people-'))
  config = join(folder, 'latchkey.json')
  writeFileSync(config, JSON.stringify({ ...base, issuer: 'http://127.0.0.1:0' }))
  server = await serve(readConfig(config))
  writeFileSync(
    config,
    JSON.stringify({ ...base, issuer: server.issuer, listen: { port: Number(new URL(server.issuer).port) } }),
  )
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const now = Math.floor(Date.parse('2026-01-01') / 1000)
const later = 4_000_000_000

/** Somebody with an account, and what they have, written beside the running server. */
async function withAlice(work: (stores: ReturnType<typeof open>) => Promise<void>): Promise<void> {
  const stores = open()
  const record = {
    sub: 'sub-of-alice-1234',
    username: 'Alice',
    passwordHash: null,
    admin: false,
    claims: {},
    version: 1,
  }
  await stores.accounts.create({ ...record, createdAt: now, updatedAt: now })
  const family = {
    familyId: 'family-1',
    clientId: 'web',
    sub: record.sub,
    sid: 'sid-1',
    createdAt: now,
    expiresAt: later,
  }
  await stores.store.families.begin({ family, accessToken: null, refreshToken: null }, now)
  await stores.store.consents.grant(record.sub, 'web', { permissions: ['openid'] }, now)
  try {
    await work(stores)
  } finally {
    await stores.accounts.close()
    await stores.store.close()
  }
}

function open() {
  const database = openSqlite(join(folder, 'latchkey.db'))
  return { store: createSqliteStore(database), accounts: createSqliteAccountStore(database) }
}

test('features 17: a person is ended from beside the server, and a guard that follows it hears of that', async () => {
  const revocations = { clientId: 'guard', clientSecret: 'a-secret-of-the-guard' }
  const guard = createApiGuard({ issuer: server.issuer, audience: 'https://api.example.com', revocations })
  await guard.ready()
  await withAlice(async ({ store, accounts }) => {
    await endPerson('alice', { config })
    expect(printed).toContain('Everything of Alice has ended')
    expect((await store.families.find('family-1'))?.revokedAt).not.toBeNull()
    expect(await accounts.findByUsername('alice')).not.toBeNull()
    await expect.poll(() => guard.feeds()[0]?.held, { timeout: 5000 }).toBe(2)
    const [entry] = await store.audit.list({ limit: 1, type: 'subject.ended' })
    expect(entry).toMatchObject({ sub: 'sub-of-alice-1234' })
  })
  await guard.close()
})

test('a person is deleted by name or subject, again too, and leaves nothing that names them', async () => {
  await withAlice(async ({ store, accounts }) => {
    await deletePerson('ALICE', { config })
    expect(printed).toContain('Alice is deleted')
    expect(await accounts.find('sub-of-alice-1234')).toBeNull()
    expect(await store.consents.find('sub-of-alice-1234', 'web')).toEqual([])
    expect(await store.accessTokens.isJwtRevoked('any', 'family-1')).toBe(true)
    await deletePerson('sub-of-alice-1234', { config })
    expect(printed).toContain('There is no account of sub-of-alice-1234')
  })
})

test('what a person has allowed is shown, and withdrawn from beside the server while a guard hears of it', async () => {
  const revocations = { clientId: 'guard', clientSecret: 'a-secret-of-the-guard' }
  const guard = createApiGuard({ issuer: server.issuer, audience: 'https://api.example.com', revocations })
  await guard.ready()
  await withAlice(async ({ store }) => {
    await showPerson('alice', { config })
    expect(printed).toContain('Alice (sub-of-alice-1234)')
    expect(printed).toMatch(/^ {2}web {2}since 2026-01-01 {2}in use {2}openid$/m)
    expect(printed).toContain('Signed in nowhere.')
    await withdrawAccess('ALICE', 'web', { config })
    expect(printed).toContain('web has no access to the account of Alice any more.')
    expect((await store.families.find('family-1'))?.revokedAt).not.toBeNull()
    await expect.poll(() => guard.feeds()[0]?.held, { timeout: 5000 }).toBe(1)
    const [entry] = await store.audit.list({ limit: 1, type: 'consent.withdrawn' })
    expect(entry).toMatchObject({ sub: 'sub-of-alice-1234', clientId: 'web' })
    await withdrawAccess('alice', 'web', { config })
    expect(printed).toContain('there is nothing to withdraw')
    await showPerson('alice', { config })
    expect(printed).toContain('No application has access.')
  })
  await guard.close()
})

test('what cannot be done says why', async () => {
  await expect(endPerson('mallory', { config })).rejects.toThrow('Nobody signs in as "mallory"')
  await expect(deletePerson('root', { config })).rejects.toThrow('stands under "users" in the configuration')
  writeFileSync(config, JSON.stringify({ ...base, issuer: 'http://127.0.0.1:0', store: 'memory' }))
  await expect(endPerson('root', { config })).rejects.toThrow('memory')
})
