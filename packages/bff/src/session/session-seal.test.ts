import { ProtocolError } from '@latchkey/protocol'
import { systemRuntime as runtime } from '@latchkey/protocol/system-runtime'
import { describe, expect, test } from 'vitest'
import { newSessionCookie, parseSessionCookie } from './session-cookie.ts'
import { createSessionSeal, sessionKeyOf } from './session-seal.ts'

const tokens = {
  access: {
    'https://api.example.com ': {
      accessToken: 'the-access-token',
      tokenType: 'Bearer',
      issuedAt: 1,
      expiresAt: 2,
      scope: ['openid'],
    },
  },
  refreshToken: 'the-refresh-token',
  idToken: null,
  claims: null,
  renewals: 0,
} as const
const key = () => sessionKeyOf(runtime.randomBytes(32))
const ours = key()
const cookie = newSessionCookie(runtime)
const sealOf = (keys: readonly [ReturnType<typeof key>, ...ReturnType<typeof key>[]], of = cookie) =>
  createSessionSeal({ keys, cookie: of, runtime })
const failure = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

describe('a session row', () => {
  test('opens for the cookie and the key it was sealed with, and shows nothing of its tokens', () => {
    const sealed = sealOf([ours]).seal(tokens)
    expect(sealOf([ours]).open(sealed)).toEqual(tokens)
    expect(Buffer.from(sealed, 'base64url').toString('latin1') + sealed).not.toContain('the-')
  })
  test('stays shut for another half-key, for another row and with one byte changed', () => {
    const sealed = sealOf([ours]).seal(tokens)
    const other = newSessionCookie(runtime)
    const changed = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA')
    for (const attempt of [
      () => sealOf([ours], { ...cookie, halfKey: other.halfKey }).open(sealed),
      () => sealOf([ours], { ...cookie, hash: other.hash }).open(sealed),
      () => sealOf([ours]).open(changed),
      () => sealOf([ours]).open(sealed.slice(0, 20)),
    ]) {
      expect(failure(attempt)).toMatchObject({ code: 'session_unreadable', retryable: false })
    }
  })
  test('sealed under a key that is not configured here says that waiting may help', () => {
    const error = failure(() => sealOf([key()]).open(sealOf([ours]).seal(tokens)))
    expect(error).toBeInstanceOf(ProtocolError)
    expect(error).toMatchObject({ code: 'session_unreadable', retryable: true })
  })
  test('sealed under an older key opens while that key is still listed', () => {
    expect(sealOf([key(), ours]).open(sealOf([ours]).seal(tokens))).toEqual(tokens)
  })
})

test('the cookie is never what the row is stored under, and comes back from its value', () => {
  expect(parseSessionCookie(cookie.value)).toEqual(cookie)
  expect(cookie.value).not.toContain(cookie.hash.slice(11))
  for (const value of [undefined, '', 'x', cookie.value.slice(1), `${cookie.value}x`, cookie.value.replace('.', '')]) {
    expect(parseSessionCookie(value)).toBeNull()
  }
})

test('the sign-out id differs from session to session and needs the cookie', () => {
  expect(sealOf([ours]).logoutId).toBe(sealOf([key()]).logoutId)
  expect(sealOf([ours]).logoutId).not.toBe(sealOf([ours], newSessionCookie(runtime)).logoutId)
})
