import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createSqliteStore, openSqlite } from '@latchkey/store-sql'
import { afterEach, beforeEach, expect, test } from 'vitest'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'))
  writeConfig({ sqlite: 'data.db' })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function writeConfig(store: unknown): void {
  const config = { issuer: 'http://127.0.0.1:8000', store, encryption_key_file: 'k.key' }
  writeFileSync(join(folder, 'latchkey.json'), JSON.stringify(config))
}

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const command = (...args: readonly string[]) => ['--conditions=source', main, ...args, '--config', 'latchkey.json']
const run = (...args: readonly string[]): string =>
  execFileSync(process.execPath, command(...args), { cwd: folder, encoding: 'utf8' })

test('latchkey migrate --plan shows every statement and changes nothing; then migrate takes the steps, once', {
  timeout: 60_000,
}, () => {
  expect(run('migrate', '--plan')).toMatch(
    /-- 0001-first-tables\ncreate table "clients"[\s\S]*-- 0002-whole-protocol\n/,
  )
  expect(existsSync(join(folder, 'data.db'))).toBe(false)
  expect(run('migrate')).toMatch(/^-- 0001-first-tables\n(-- \d{4}-[\w-]+\n)+The schema is up to date\.\n$/)
  expect(run('migrate')).toBe('The schema is up to date.\n')
  expect(run('migrate', '--plan')).toBe('The schema is up to date.\n')
})

test('latchkey backup copies a database that is in use, for its owner alone', async () => {
  const store = createSqliteStore(openSqlite(join(folder, 'data.db')))
  await store.consents.grant('alice', 'web', { permissions: ['openid'] }, 1)
  expect(run('backup', '--to', 'copy.db')).toContain('copy.db is a copy of')
  await store.consents.grant('bob', 'web', { permissions: ['openid'] }, 1)
  await store.close()
  expect(statSync(join(folder, 'copy.db')).mode & 0o777).toBe(0o600)
  const copy = createSqliteStore(openSqlite(join(folder, 'copy.db')))
  expect(await copy.consents.find('alice', 'web')).toEqual(['openid'])
  expect(await copy.consents.find('bob', 'web')).toEqual([])
  await copy.close()
})

test('a backup writes over nothing, and says what it cannot copy', async () => {
  const refusal = (): string =>
    spawnSync(process.execPath, command('backup', '--to', 'copy.db'), { cwd: folder, encoding: 'utf8' }).stderr
  expect(refusal()).toContain('data.db does not exist')
  await openSqlite(join(folder, 'data.db')).close()
  writeFileSync(join(folder, 'copy.db'), 'mine')
  expect(refusal()).toContain('copy.db exists; name a file that does not')
  writeConfig('memory')
  expect(refusal()).toContain('there is nothing to back up')
  writeConfig({ postgres: 'postgres://127.0.0.1:1/x' })
  expect(refusal()).toContain('pg_dump')
})
