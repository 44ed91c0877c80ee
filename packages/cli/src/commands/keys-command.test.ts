import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readConfig } from '../config/read-config.ts'
import { serve } from '../serve.ts'
import { compromiseKey, listKeys, rotateKeys } from './keys-command.ts'

let folder: string
let config: string
let printed: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-keys-command-'))
  config = writeConfig({})
  await (await serve(readConfig(config))).close()
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

function writeConfig(more: object): string {
  const file = join(folder, 'latchkey.json')
  const base = { issuer: 'http://127.0.0.1:0', listen: { port: 0 }, store: { sqlite: 'latchkey.db' } }
  writeFileSync(file, JSON.stringify({ ...base, ...more }))
  return file
}

/** What a command prints, one row of the table each: algorithm, state and kid. */
async function rowsOf(run: () => Promise<void>): Promise<readonly string[][]> {
  printed = ''
  await run()
  const rows = printed.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))
  return rows.filter(([alg]) => alg === 'ES256' || alg === 'RS256')
}

test('keys of a store are listed, followed and ended from beside the server', async () => {
  const [first, rsa] = await rowsOf(() => listKeys({ config }))
  expect([first?.slice(0, 2), rsa?.slice(0, 2)]).toEqual([
    ['ES256', 'signing'],
    ['RS256', 'signing'],
  ])
  const rotated = await rowsOf(() => rotateKeys('ES256', { config }))
  expect(rotated.map((row) => row.slice(0, 2))).toContainEqual(['ES256', 'announced'])
  const after = await rowsOf(() => compromiseKey(String(first?.[2]), { config }))
  expect(after.map(([, , kid]) => kid)).not.toContain(first?.[2])
  expect(after.map((row) => row.slice(0, 2))).toContainEqual(['ES256', 'signing'])
})

test('what cannot be done says what to do instead', async () => {
  await expect(compromiseKey('nope', { config })).rejects.toThrow('latchkey keys list')
  await expect(rotateKeys('ES384', { config })).rejects.toThrow('There is no ES384 key')
  expect(() => rotateKeys('HS256', { config })).toThrow('no signing algorithm')
  await expect(listKeys({ config: writeConfig({ store: 'memory' }) })).rejects.toThrow('memory')
})

test('a new key file beside the older one takes over what was sealed', async () => {
  const files = { encryption_key_file: 'new.key', older_encryption_key_files: ['latchkey.db.key'] }
  const server = await serve(readConfig(writeConfig(files)))
  const alone = readConfig(writeConfig({ encryption_key_file: 'new.key' }))
  await vi.waitFor(async () => (await serve(alone)).close(), { timeout: 5000 })
  await server.close()
})
