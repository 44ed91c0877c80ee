import { describe, expect, test } from 'vitest'
import type { Members } from './shape.ts'
import { readStore } from './store-setting.ts'

function read(members: Members) {
  const problems: string[] = []
  const add = (path: string, what: string): void => void problems.push(`${path}: ${what}`)
  return { ...readStore({ problems: { add }, directory: '/srv/id' }, members), problems }
}
const url = 'postgres://latchkey@db.example.com/latchkey'

describe('the store', () => {
  test('a PostgreSQL database is read with the key file that all its nodes share', () => {
    const members = { store: { postgres: url, pooled: true }, encryption_key_file: 'id.key' }
    expect(read(members)).toEqual({
      store: { kind: 'postgres', url, pooled: true },
      encryptionKeyFile: '/srv/id/id.key',
      problems: [],
    })
    expect(read({ ...members, store: { postgres: url } }).store).not.toHaveProperty('pooled')
  })
  test.each([
    ['no key file', { store: { postgres: url } }, 'encryption_key_file: is missing'],
    ['two places', { store: { postgres: url, sqlite: 'a.db' }, encryption_key_file: 'k' }, 'store: names two places'],
    ['a pooler before a file', { store: { sqlite: 'a.db', pooled: true } }, 'store.pooled: belongs to "postgres"'],
    ['another database', { store: { postgres: 'mysql://x' }, encryption_key_file: 'k' }, 'store.postgres: is no conn'],
  ])('%s is a problem', (_, members, problem) => {
    const { problems } = read(members)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })
  test('features 1: a connection string that is not understood is not repeated, for its password', () => {
    const { problems } = read({ store: { postgres: 'db:hunter2@host' }, encryption_key_file: 'k' })
    expect(problems.join()).not.toContain('hunter2')
  })
})
