/**
 * What a million revoked and unexpired ids cost a guard: memory, and the look-ups of one token (its id, family, session,
 * key, subject and client).
 *
 *   node --expose-gc --conditions=source benchmarks/revocation-memory.ts [ids]
 */
import type { AccessTokenClaims } from '@latchkey/protocol'
import { createRevokedIds } from '../packages/api/src/revocations/revoked-ids.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const now = 1_800_000_000
const id = (index: number) => `0190a1b2c3d${index.toString(36).padStart(22, '-')}`
const collect = (globalThis as { gc?: () => void }).gc

collect?.()
const before = process.memoryUsage()
const held = createRevokedIds({ seed: 12_345, limit: 2_000_000 })
const kinds = ['token', 'family', 'session', 'subject', 'client', 'key'] as const
const addedIn = timed(() => {
  for (let index = 0; index < count; index++) {
    const kind = index % 20 < 14 ? (index % 2 === 0 ? 'token' : 'family') : (kinds[index % 6] ?? 'token')
    held.add(
      { kind, id: kind === 'token' ? `${id(index)}.${id(index)}` : id(index), at: now, expiresAt: now + 3600 },
      now,
    )
  }
})
collect?.()
const after = process.memoryUsage()

const tokens: AccessTokenClaims[] = Array.from({ length: 4096 }, (_, index) => ({
  iss: 'https://id.example.com',
  aud: 'https://api.example.com',
  sub: id(count * 2 + index),
  client_id: `client-${index}`,
  sid: id(count * 3 + index),
  jti: `${id(count * 4 + index)}.${id(count * 5 + index)}`,
  iat: now - 10,
  exp: now + 100,
}))
const kid = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'
const rounds = 1_000_000
const perLookup: number[] = []
for (let round = 0; round < 5; round++) {
  perLookup.push(
    (timed(() => {
      for (let index = 0; index < rounds; index++) {
        if (held.covers(tokens[index & 4095] as AccessTokenClaims, kid)) throw new Error('nothing here was revoked')
      }
    }) *
      1000) /
      rounds,
  )
}

console.table({
  'ids held': held.size,
  'table, MB': (held.bytes / 1e6).toFixed(1),
  'resident memory grown by, MB': ((after.rss - before.rss) / 1e6).toFixed(1),
  'adding one, µs': ((addedIn * 1000) / count).toFixed(2),
  'all six look-ups of one token, µs (fastest of 5)': Math.min(...perLookup).toFixed(2),
})

/** Milliseconds of CPU. */
function timed(work: () => void): number {
  const from = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1000
}
