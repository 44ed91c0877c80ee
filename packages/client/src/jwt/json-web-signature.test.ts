import { expect, test } from 'vitest'
import { algOf, algorithmOf, readJwt, signJwt } from './json-web-signature.ts'

const rsa = { modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }

test.each<[string, RsaHashedKeyGenParams | EcKeyGenParams | { name: string }]>([
  ['RS256', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', ...rsa }],
  ['PS384', { name: 'RSA-PSS', hash: 'SHA-384', ...rsa }],
  ['ES256', { name: 'ECDSA', namedCurve: 'P-256' }],
  ['ES384', { name: 'ECDSA', namedCurve: 'P-384' }],
  ['ES512', { name: 'ECDSA', namedCurve: 'P-521' }],
  ['EdDSA', { name: 'Ed25519' }],
])('RFC 7518 §3.1, RFC 8037 §3.1: a key signs by %s, and its published half verifies that', async (alg, parameters) => {
  const keys = await crypto.subtle.generateKey(parameters as EcKeyGenParams, true, ['sign', 'verify'])
  expect(algOf(keys.privateKey)).toBe(alg)
  const jwt = await signJwt(keys.privateKey, { alg, kid: 'k' }, { sub: 'alice' })
  expect(readJwt(jwt)).toMatchObject({ header: { alg, kid: 'k' }, payload: { sub: 'alice' } })
  const { kty, crv, x, y, n, e } = await crypto.subtle.exportKey('jwk', keys.publicKey)
  const published = JSON.parse(JSON.stringify({ kty, crv, x, y, n, e }))
  const key = await crypto.subtle.importKey('jwk', published, algorithmOf(alg), false, ['verify'])
  const [head, body, signature = ''] = jwt.split('.')
  const signed = new TextEncoder().encode(`${head}.${body}`)
  const bytes = Uint8Array.from(Buffer.from(signature, 'base64url'))
  expect(await crypto.subtle.verify(algorithmOf(alg), key, bytes, signed)).toBe(true)
})

test('a key that signs no JWT is told apart at once, with those that do', async () => {
  const hmac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  expect(() => algOf(hmac)).toThrow('a key for HMAC signs no JWT: use ECDSA')
  const ecdh = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits'])
  expect(() => algOf(ecdh.privateKey)).toThrow('a key for ECDH')
})

test.each([
  '',
  'a.b',
  'a.b.c',
  'e30.e30',
  'e30.e30.',
  'e30.e30.AA.AA',
  'e30.e30.A A',
  '"e30".e30.AA',
  'bnVsbA.bnVsbA.AA',
])('RFC 7515 §7.1: %j has neither header nor payload', (text) => {
  const { header, payload } = readJwt(text)
  expect([Object.keys(header), Object.keys(payload)]).toEqual([[], []])
})
