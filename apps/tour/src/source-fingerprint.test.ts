import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fingerprintOf } from './source-fingerprint.ts'

test('a source changes the fingerprint; tests, builds and missing paths do not', () => {
  const root = mkdtempSync(join(tmpdir(), 'latchkey fingerprint '))
  mkdirSync(join(root, 'a', 'dist'), { recursive: true })
  const write = (path: string, text: string) => writeFileSync(join(root, path), text)
  write('a/one.ts', '1')
  const before = fingerprintOf(root, ['a', 'nowhere'])
  write('a/one.test.ts', 'x')
  write('a/dist/one.js', 'x')
  expect(fingerprintOf(root, ['a', 'nowhere'])).toBe(before)
  write('a/one.ts', '2')
  expect(fingerprintOf(root, ['a', 'nowhere'])).not.toBe(before)
  rmSync(root, { recursive: true })
})
