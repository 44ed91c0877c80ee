import type { SigningAlg } from '@latchkey/protocol'
import { testKeyEncryptionKey, testRuntime } from '@latchkey/testing'
import { createLocalJWKSet, generateKeyPair, type JSONWebKeySet, jwtVerify, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { defaultLifetimes } from '../config.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { keyVault } from './key-encryption.ts'
import { keySchedule } from './key-schedule.ts'
import { loadSigningKeys } from './signing-keys.ts'

const load = (algs: readonly SigningAlg[] = ['RS256', 'ES256']) => {
  const runtime = testRuntime()
  const schedule = keySchedule({}, defaultLifetimes)
  const vault = keyVault(testKeyEncryptionKey, runtime)
  return loadSigningKeys({ store: createMemoryStore(), vault, runtime, schedule, algs })
}

describe('signing keys', () => {
  test('RFC 7518 §3.4: every ES256 signature is 64 bytes that another implementation accepts, short integers included', async () => {
    const keys = await load()
    const published = createLocalJWKSet(keys.jwks() as JSONWebKeySet)
    const bytes = new Set<number>()
    // One signature in 128 has an r or s that is shorter in DER.
    for (let count = 0; count < 600; count++) {
      const jwt = keys.sign('ES256', { count })
      const signature = Buffer.from(jwt.split('.')[2] ?? '', 'base64url')
      bytes.add(signature.length)
      expect(keys.verify(jwt, 'JWT')).toEqual({ count })
      if (signature[0] === 0 || signature[32] === 0 || count < 20) await jwtVerify(jwt, published)
    }
    expect([...bytes]).toEqual([64])
  })

  test('RS256 signatures are accepted by another implementation', async () => {
    const keys = await load()
    const jwt = keys.sign('RS256', { a: 1 }, { typ: 'x+jwt' })
    const { payload, protectedHeader } = await jwtVerify(jwt, createLocalJWKSet(keys.jwks() as JSONWebKeySet))
    expect(payload).toEqual({ a: 1 })
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'x+jwt' })
  })

  test('features 39: a JWT of another typ is not taken for the one asked for', async () => {
    const keys = await load()
    expect(keys.verify(keys.sign('ES256', {}), 'at+jwt')).toBeNull()
    expect(keys.verify(keys.sign('ES256', {}, { typ: 'at+jwt' }), 'at+jwt')).toEqual({})
  })

  test('RFC 8725 §3.1: the key decides the algorithm, never the token', async () => {
    const keys = await load()
    const [rs, es] = keys.jwks().keys as { kid: string }[]
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const header of [
      { alg: 'none', typ: 'JWT', kid: es?.kid },
      { alg: 'HS256', typ: 'JWT', kid: rs?.kid },
      { alg: 'RS256', typ: 'JWT', kid: es?.kid },
      { alg: 'ES256', typ: 'JWT' },
    ]) {
      for (const signature of ['', 'AAAA', part({})]) {
        expect(keys.verify(`${part(header)}.${part({ sub: 'x' })}.${signature}`, 'JWT')).toBeNull()
      }
    }
  })

  test('a signature of a stranger under the same kid is refused', async () => {
    const keys = await load()
    const { privateKey } = await generateKeyPair('ES256')
    const kid = (keys.jwks().keys[0] as { kid: string }).kid
    const forged = await new SignJWT({ sub: 'x' })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' })
      .sign(privateKey)
    expect(keys.verify(forged, 'JWT')).toBeNull()
  })

  test('text that is no JWT is refused', async () => {
    const keys = await load()
    for (const text of ['', '.', '..', '...', 'a.b.c', 'bnVsbA.bnVsbA.bnVsbA', '💥.💥.💥']) {
      expect(keys.verify(text, 'JWT')).toBeNull()
    }
  })
})
