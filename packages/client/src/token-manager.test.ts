import { ProtocolError } from '@latchkey/protocol'
import { describe, expect, test } from 'vitest'
import type { TokenHost } from './token-host.ts'
import { createTokenManager } from './token-manager.ts'
import type { TokenSet } from './token-set.ts'

const start = 1_800_000_000

function tokens(number: number, now: number, lifetime = 60): TokenSet {
  return {
    accessToken: `access-${number}`,
    tokenType: 'Bearer',
    issuedAt: now,
    expiresAt: now + lifetime,
    scope: ['openid'],
    refreshToken: `refresh-${number}`,
    idToken: null,
    claims: null,
    renewals: number,
  }
}

/** A provider that rotates, and holders that share one store and one lock, as tabs or nodes do. */
function world() {
  const state = {
    now: start,
    stored: tokens(0, start) as TokenSet | null,
    ended: [] as string[],
    asked: [] as string[],
  }
  let queue: Promise<unknown> = Promise.resolve()
  let answer: (asked: TokenSet) => Promise<TokenSet> = async (asked) => tokens(asked.renewals + 1, state.now)
  const host: TokenHost = {
    load: async () => state.stored,
    save: async (next) => {
      state.stored = next
    },
    end: async (reason) => {
      state.stored = null
      state.ended.push(reason)
    },
    exclusive: (work) => {
      const mine = queue.then(work)
      queue = mine.catch(() => undefined)
      return mine
    },
    refresh: (asked) => {
      state.asked.push(asked.refreshToken ?? '')
      return answer(asked)
    },
  }
  return {
    state,
    manager: () => createTokenManager({ host, runtime: { now: () => state.now } }),
    answerWith: (next: typeof answer) => {
      answer = next
    },
  }
}

const unreachable = new ProtocolError('unreachable', 'no answer', { retryable: true })
const rejected = new ProtocolError('refresh_rejected', 'over', { oauthError: 'invalid_grant' })

describe('the token manager', () => {
  test('serves a current token without asking anyone', async () => {
    const { state, manager } = world()
    expect((await manager().get())?.accessToken).toBe('access-0')
    expect(state.asked).toEqual([])
  })

  test('features 27: callers during a refresh all get the new token, never nothing', async () => {
    const { state, manager } = world()
    state.now += 61
    const one = manager()
    const all = await Promise.all(Array.from({ length: 200 }, () => one.get()))
    expect(new Set(all.map((set) => set?.accessToken))).toEqual(new Set(['access-1']))
    expect(state.asked).toEqual(['refresh-0'])
  })

  test('eight holders with twenty callers each ask the provider once', async () => {
    const { state, manager } = world()
    state.now += 61
    const holders = Array.from({ length: 8 }, manager)
    const all = await Promise.all(holders.flatMap((holder) => Array.from({ length: 20 }, () => holder.get())))
    expect(all.every((set) => set?.accessToken === 'access-1')).toBe(true)
    expect(state.asked).toHaveLength(1)
  })

  test('features 32: an expired token is never served', async () => {
    const { state, manager, answerWith } = world()
    state.now += 61
    answerWith(() => Promise.reject(unreachable))
    await expect(manager().get()).rejects.toBe(unreachable)
  })

  test('renew makes no request when someone has renewed already', async () => {
    const { state, manager } = world()
    state.stored = tokens(1, state.now)
    expect((await manager().renew('access-0'))?.accessToken).toBe('access-1')
    expect(state.asked).toEqual([])
  })

  test('a token rejected while the renewal that brought it is joined gets a renewal of its own', async () => {
    const { state, manager } = world()
    const one = manager()
    const first = one.renew('access-0')
    const second = one.renew('access-1')
    expect((await first)?.accessToken).toBe('access-1')
    expect((await second)?.accessToken).toBe('access-2')
    expect(state.asked).toEqual(['refresh-0', 'refresh-1'])
  })

  test('features 23: a network failure, a 5xx or a 429 never ends a session, and a valid token still serves', async () => {
    const { state, manager, answerWith } = world()
    answerWith(() => Promise.reject(unreachable))
    state.now += 59
    expect((await manager().get())?.accessToken).toBe('access-0')
    expect(state.asked).toHaveLength(1)
    expect(state.ended).toEqual([])
  })

  test('only a rejected refresh token ends the session, once for all callers', async () => {
    const { state, manager, answerWith } = world()
    state.now += 61
    answerWith(() => Promise.reject(rejected))
    const one = manager()
    expect(await Promise.all([one.get(), one.get(), one.get()])).toEqual([null, null, null])
    expect(state.ended).toEqual(['expired'])
  })

  test('a rejection does not end the session when the stored token has moved meanwhile', async () => {
    const { state, manager, answerWith } = world()
    state.now += 61
    answerWith(async () => {
      state.stored = tokens(7, state.now)
      throw rejected
    })
    expect((await manager().get())?.accessToken).toBe('access-7')
    expect(state.ended).toEqual([])
  })

  test('features 47: a caller that gives up leaves the renewal to the others', async () => {
    const { state, manager, answerWith } = world()
    state.now += 61
    const gate = Promise.withResolvers<void>()
    answerWith(async (asked) => {
      await gate.promise
      return tokens(asked.renewals + 1, state.now)
    })
    const one = manager()
    const impatient = new AbortController()
    const first = one.get({ signal: impatient.signal })
    const second = one.get()
    impatient.abort(new Error('page left'))
    await expect(first).rejects.toThrow('page left')
    gate.resolve()
    expect((await second)?.accessToken).toBe('access-1')
    expect(state.stored?.refreshToken).toBe('refresh-1')
    expect(state.asked).toHaveLength(1)
  })

  test('Retry-After is honoured: no request before its time, the session stays', async () => {
    const { state, manager, answerWith } = world()
    state.now += 61
    answerWith(() => Promise.reject(new ProtocolError('unreachable', '429', { retryable: true, retryAfterSeconds: 5 })))
    const one = manager()
    await expect(one.get()).rejects.toThrow('429')
    await expect(one.get()).rejects.toThrow('429')
    expect(state.asked).toHaveLength(1)
    answerWith(async (asked) => tokens(asked.renewals + 1, state.now))
    state.now += 6
    expect((await one.get())?.accessToken).toBe('access-1')
  })
})
