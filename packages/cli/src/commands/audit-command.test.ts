import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSqliteStore, openSqlite } from '@latchkey/store-sql'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { auditCommand } from './audit-command.ts'

let folder: string
let config: string
let printed: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-audit-command-'))
  config = writeConfig({ sqlite: 'latchkey.db' })
  const store = createSqliteStore(openSqlite(join(folder, 'latchkey.db')))
  for (let number = 0; number < 1200; number++) await store.audit.append([entry(number)])
  await store.close()
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

function writeConfig(store: unknown): string {
  const file = join(folder, 'latchkey.json')
  writeFileSync(file, JSON.stringify({ issuer: 'http://127.0.0.1:0', listen: { port: 0 }, store }))
  return file
}

/** One a minute from the beginning of 2027. */
function entry(number: number) {
  const at = Date.parse('2027-01-01T00:00:00Z') / 1000 + number * 60
  return {
    id: `${(at * 1000).toString(16).padStart(11, '0')}x`,
    type: number % 2 === 0 ? 'session.started' : 'client.changed',
    at,
    requestId: `request-${number}`,
    clientId: number % 2 === 0 ? null : 'web',
    sub: number % 2 === 0 ? 'alice' : null,
    actor: number % 2 === 0 ? null : 'root',
    familyId: null,
    grantType: null,
    error: null,
    detail: number === 1199 ? 'red \u001b[31m\nline' : null,
    expiresAt: at + 86_400,
  }
}

async function lines(more: object = {}): Promise<readonly string[]> {
  printed = ''
  await auditCommand({ config, ...more })
  return printed.trimEnd().split('\n')
}

test('latchkey audit lists the newest entries as a table whose columns stand below their heads', async () => {
  const [head = '', first = '', ...rest] = await lines()
  expect(head).toMatch(/^at +what +person +by +client +more$/)
  expect(first).toContain('2027-01-01T19:59:00')
  expect(first.indexOf('client.changed')).toBe(head.indexOf('what'))
  expect(first.indexOf('root')).toBe(head.indexOf('by'))
  expect(rest).toHaveLength(49)
  // What an entry quotes commands no terminal and makes no line of its own.
  expect(printed).not.toContain('\u001b')
})

test('it gives every entry as JSON, one a line, and filters by kind, person, client and time', async () => {
  const all = (await lines({ json: true, limit: 'all' })).map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(all).toHaveLength(1200)
  expect(all[0]).toMatchObject({ at: '2027-01-01T19:59:00.000Z', actor: 'root', requestId: 'request-1199' })
  const count = async (more: object) => (await lines({ json: true, limit: 'all', ...more })).length
  expect(await count({ type: 'session.started' })).toBe(600)
  expect(await count({ person: 'root', client: 'web' })).toBe(600)
  expect(await count({ from: '2027-01-01T01:00', until: '2027-01-01T02:00Z' })).toBe(60)
  expect(await count({ from: '2027-01-01T01:00+01:00', until: '2027-01-01T00:10:00Z', limit: '3' })).toBe(3)
  expect(await lines({ json: true, person: 'mallory' })).toEqual([''])
})

test('what cannot be read says what to write instead', async () => {
  await expect(lines({ from: 'yesterday' })).rejects.toThrow('--from takes a day or an instant, such as 2027-01-31')
  await expect(lines({ limit: '-1' })).rejects.toThrow('--limit takes a whole number or "all"')
  config = writeConfig('memory')
  await expect(lines()).rejects.toThrow('memory')
})
