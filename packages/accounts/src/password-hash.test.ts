import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { expect, test } from 'vitest'
import { hashPassword, isOutdated, verifyPassword } from './password-hash.ts'

test('features 1: a password is kept as argon2id in PHC form, salted anew each time', async () => {
  const [one, two] = await Promise.all([
    hashPassword(systemRuntime, 'open sesame'),
    hashPassword(systemRuntime, 'open sesame'),
  ])
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(one).not.toBe(two)
  expect(await verifyPassword(one, 'open sesame')).toBe(true)
  expect(await verifyPassword(one, 'open sesamE')).toBe(false)
  expect(await verifyPassword(one, '')).toBe(false)
  expect(isOutdated(one)).toBe(false)
})

test('a hash that another argon2id made is verified at its own cost, and known as outdated', async () => {
  // Made by libargon2 20190702 with: argon2 somesalt -id -t 2 -m 16 -p 1, password "password".
  const foreign = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  expect(await verifyPassword(foreign, 'password')).toBe(true)
  expect(await verifyPassword(foreign, 'Password')).toBe(false)
  expect(isOutdated(foreign)).toBe(true)
})

test('the same characters typed in another Unicode form are the same password', async () => {
  expect(await verifyPassword(await hashPassword(systemRuntime, 'Zo\u00eb'), 'Zoe\u0308')).toBe(true)
})

test.each(['', 'secret', '$2b$10$abc', '$argon2i$v=19$m=1,t=1,p=1$AAAA$AAAA', '$argon2id$v=19$m=8,t=1,p=1$$'])(
  'a text that is no argon2id hash (%s) verifies nothing',
  async (text) => {
    expect(await verifyPassword(text, text)).toBe(false)
  },
)
