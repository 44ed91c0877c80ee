import { expect, test } from 'vitest'
import { createAuthEvents } from '../auth-events.ts'
import type { Session } from '../session.ts'
import { createSessionHolder } from '../session-holder.ts'
import { createKeptSession } from './kept-session.ts'

const session = (family: string, renewals: number, startedAt = 1): Session => ({
  family,
  startedAt,
  tokens: {
    accessToken: `a${renewals}`,
    tokenType: 'Bearer',
    issuedAt: 1,
    expiresAt: 61,
    scope: [],
    refreshToken: `r${renewals}`,
    idToken: null,
    claims: { iss: 'i', sub: 's', aud: 'a', exp: 1, iat: 1 },
    renewals,
  },
})

test('features 23: a tab that hears late never writes an older refresh token over a newer one, nor removes another sign-in', async () => {
  let stored: unknown = session('f', 5)
  const storage = {
    load: () => stored,
    save: (next: object) => {
      stored = next
    },
    remove: () => {
      stored = null
    },
  }
  const holder = createSessionHolder(createAuthEvents())
  const kept = createKeptSession(storage, holder)
  holder.adopt(session('f', 3))
  await kept.write()
  expect(stored).toEqual(session('f', 5))
  await kept.reload()
  expect(holder.current()).toEqual(session('f', 5))
  holder.adopt(session('f', 6))
  await kept.write()
  expect(stored).toEqual(session('f', 6))
  stored = session('g', 0, 2)
  holder.end('f', 'expired')
  await kept.write()
  expect(stored).toEqual(session('g', 0, 2))
  holder.adopt(session('g', 1, 2))
  holder.end('g', 'signed-out')
  await kept.write()
  expect(stored).toBeNull()
})
