import { expect, test } from 'vitest'
import { parseConfig } from './read-config.ts'

const parse = (more: object) =>
  parseConfig({
    name: 'latchkey.json',
    text: JSON.stringify({ issuer: 'https://id.example.com', store: 'memory', ...more }),
    directory: '/etc/latchkey',
    environment: {},
  })

test('scopes, the schedule of keys and older key files are read', () => {
  const config = parse({
    scopes: { org: ['org_id'] },
    key_schedule: { rotate: 864_000 },
    older_encryption_key_files: ['old.key', '/srv/older.key'],
  })
  expect(config.scopes).toEqual({ org: ['org_id'] })
  expect(config.keySchedule).toEqual({ rotate: 864_000 })
  expect(config.olderEncryptionKeyFiles).toEqual(['/etc/latchkey/old.key', '/srv/older.key'])
  expect(parse({})).toMatchObject({ scopes: {}, keySchedule: {}, olderEncryptionKeyFiles: [] })
})

test('each mistake is named with its place', () => {
  const wrong = { scopes: { org: 'org_id' }, key_schedule: { rotate: 0, every: 5 }, older_encryption_key_files: 'x' }
  expect(() => parse(wrong)).toThrow(/scopes\.org .*must be a list/)
  expect(() => parse(wrong)).toThrow(/key_schedule\.rotate .*whole number/)
  expect(() => parse(wrong)).toThrow(/key_schedule\.every .*unknown key/)
  expect(() => parse(wrong)).toThrow(/older_encryption_key_files .*must be a list/)
})
