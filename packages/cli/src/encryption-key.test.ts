import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRuntime as runtime } from '@latchkey/protocol/system-runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadEncryptionKey } from './encryption-key.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-key-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const fresh = (file: string | null) => ({ file, runtime, mustExist: false })

test('the first start writes a key that its owner alone may read, and later starts use it', () => {
  const file = join(folder, 'db.key')
  const key = loadEncryptionKey(fresh(file))
  expect(key).toHaveLength(32)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(loadEncryptionKey(fresh(file))).toEqual(key)
  expect(readFileSync(file, 'utf8')).toMatch(/^[\w-]{43}\n$/)
})

test('a key file that went missing is not replaced while the database holds keys made with it', () => {
  const file = join(folder, 'db.key')
  expect(() => loadEncryptionKey({ file, runtime, mustExist: true })).toThrow(/is missing: the database was made with/)
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined()
})

test.each(['', 'short', 'x'.repeat(44), '!'.repeat(43)])('a file with %j is no key', (content) => {
  const file = join(folder, 'db.key')
  writeFileSync(file, content, { mode: 0o600 })
  expect(() => loadEncryptionKey(fresh(file))).toThrow(/must be 32 bytes in base64url/)
})

test('a key that others may read is refused with the command that helps', () => {
  const file = join(folder, 'db.key')
  loadEncryptionKey(fresh(file))
  chmodSync(file, 0o644)
  expect(() => loadEncryptionKey(fresh(file))).toThrow(`chmod 600 ${file}`)
})

test('without a file the key is random and kept nowhere', () => {
  expect(loadEncryptionKey(fresh(null))).not.toEqual(loadEncryptionKey(fresh(null)))
})
