import type { AccessTokenClaims, RevocationEvent } from '@latchkey/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRevokedIds } from './revoked-ids.ts'

const now = 1_800_000_000
const claims = (of: Partial<AccessTokenClaims>): AccessTokenClaims => ({
  iss: 'i',
  aud: 'a',
  sub: 'alice',
  client_id: 'web',
  iat: now - 10,
  exp: now + 100,
  jti: 'family.one',
  ...of,
})
const entry = (of: Partial<RevocationEvent>): RevocationEvent => ({
  kind: 'token',
  id: 'x',
  at: now,
  expiresAt: now + 100,
  ...of,
})

test.each<[string, Partial<RevocationEvent>, Partial<AccessTokenClaims>, boolean]>([
  ['its jti', { id: 'family.one' }, {}, true],
  ['another jti of the family', { id: 'family.two' }, {}, false],
  ['its family', { kind: 'family', id: 'family' }, {}, true],
  ['a family whose name begins alike', { kind: 'family', id: 'famil' }, {}, false],
  ['its session', { kind: 'session', id: 's' }, { sid: 's' }, true],
  ['its subject', { kind: 'subject', id: 'alice' }, {}, true],
  ['its subject, signed in since', { kind: 'subject', id: 'alice', at: now - 11 }, {}, false],
  ['its client', { kind: 'client', id: 'web' }, {}, true],
  ['a client of that name before', { kind: 'client', id: 'web', at: now - 11 }, {}, false],
  ['its key', { kind: 'key', id: 'kid' }, {}, true],
  ['its subject’s name as a session', { kind: 'session', id: 'alice' }, {}, false],
])('a token is covered by %s', (_title, revoked, of, expected) => {
  const ids = createRevokedIds({ seed: 7, limit: 1000 })
  ids.add(entry(revoked), now)
  expect(ids.covers(claims(of), 'kid')).toBe(expected)
})

test('exactly what was added and is not expired is held, whatever came and went', () => {
  const step = fc.record({ id: fc.integer({ min: 0, max: 5000 }), life: fc.integer({ min: 1, max: 50 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 4000 }), fc.integer(), (steps, seed) => {
      const ids = createRevokedIds({ seed, limit: 10_000 })
      const ends = new Map<number, number>()
      steps.forEach(({ id, life }, index) => {
        const at = now + index / 20
        ids.add(entry({ id: `jti-${id}`, at, expiresAt: at + life }), at)
        ends.set(id, Math.max(ends.get(id) ?? 0, at + life))
      })
      const end = now + steps.length / 20
      const again = createRevokedIds({ limit: 10_000, ...ids.dump() })
      for (let id = 0; id <= 5000; id += 7) {
        const held = claims({ jti: `jti-${id}` })
        if ((ends.get(id) ?? 0) > end) expect([ids.covers(held, 'k'), again.covers(held, 'k')]).toEqual([true, true])
        if (!ends.has(id)) expect(ids.covers(held, 'k')).toBe(false)
      }
    }),
    { numRuns: 30 },
  )
})

test('beyond its limit it says that there is no room, and takes more once something expired', () => {
  const ids = createRevokedIds({ seed: 1, limit: 1000 })
  for (let index = 0; index < 1000; index++) expect(ids.add(entry({ id: `t${index}` }), now)).toBe(true)
  expect(ids.add(entry({ id: 'more' }), now)).toBe(false)
  expect(ids.add(entry({ id: 'more', expiresAt: now + 500 }), now + 101)).toBe(true)
  expect(ids.size).toBe(1)
})
