import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { audience, type TestIssuer, testIssuer } from './test-issuer.ts'
import { createAccessTokenVerifier } from './verify-access-token.ts'

let issuer: TestIssuer

function verifier(
  options: { algorithms?: readonly string[]; rememberedTokens?: number; clockToleranceSeconds?: number } = {},
) {
  return createAccessTokenVerifier({ issuer: issuer.issuer, audience, runtime: issuer.runtime, ...options })
}

describe.each(['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA'])(
  'RFC 7518 §3.1: %s',
  (alg) => {
    beforeEach(async () => {
      issuer = await testIssuer(alg)
    })
    afterEach(() => issuer.close())

    test('signatures of another implementation verify, changed ones do not', async () => {
      const { verify } = verifier({ algorithms: [alg] })
      for (let round = 0; round < 20; round++) {
        const token = await issuer.token({ jti: `t${round}` })
        expect((await verify(token)).payload.jti).toBe(`t${round}`)
        const [header, payload, signature = ''] = token.split('.')
        const bytes = Buffer.from(signature, 'base64url')
        const at = round % bytes.length
        bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
        await expect(verify(`${header}.${payload}.${bytes.toString('base64url')}`)).rejects.toThrow('signature')
      }
    })

    test('is refused where the configuration names other algorithms', async () => {
      const others = ['ES256', 'RS256'].filter((name) => name !== alg)
      await expect(verifier({ algorithms: others }).verify(await issuer.token())).rejects.toThrow('not an access token')
    })
  },
)

describe('tokens seen before', () => {
  beforeEach(async () => {
    issuer = await testIssuer()
  })
  afterEach(() => issuer.close())

  test('an access token known from before is refused from the second it expires', async () => {
    const { verify } = verifier()
    const token = await issuer.token({ exp: issuer.runtime.now() + 5 })
    await verify(token)
    issuer.runtime.advance(4)
    await verify(token)
    issuer.runtime.advance(1)
    await expect(verify(token)).rejects.toThrow('expired')
    await expect(verify(token)).rejects.toThrow('expired')
  })

  test('a handler that writes to the payload of one request cannot change the next', async () => {
    const { verify } = verifier()
    const token = await issuer.token({ roles: ['reader'] })
    const { payload } = await verify(token)
    expect(() => (payload.roles as string[]).push('admin')).toThrow(TypeError)
    expect((await verify(token)).payload.roles).toEqual(['reader'])
  })

  test('many more tokens than are remembered all verify', async () => {
    const { verify } = verifier({ rememberedTokens: 3 })
    const tokens = await Promise.all(Array.from({ length: 10 }, (_, index) => issuer.token({ jti: `t${index}` })))
    for (const token of [...tokens, ...tokens]) await verify(token)
    await verifier({ rememberedTokens: 0 }).verify(await issuer.token())
  })

  test('the clock tolerance holds for expiry as well once it is given', async () => {
    const { verify } = verifier({ clockToleranceSeconds: 10 })
    const token = await issuer.token({ exp: issuer.runtime.now() + 5 })
    issuer.runtime.advance(14)
    await verify(token)
    issuer.runtime.advance(1)
    await expect(verify(token)).rejects.toThrow('expired')
  })

  test('a token of more than 16 KiB is refused unread', async () => {
    const token = await issuer.token({ filler: 'x'.repeat(20_000) })
    await expect(verifier().verify(token)).rejects.toThrow('longer than 16384 characters')
    expect(issuer.requests).toEqual([])
  })

  test('an error never quotes the token', async () => {
    const token = await issuer.token({ aud: 'elsewhere' })
    const error: unknown = await verifier()
      .verify(token)
      .catch((thrown: unknown) => thrown)
    expect(JSON.stringify(error) + String(error) + (error as { detail: string }).detail).not.toContain(
      token.slice(0, 30),
    )
  })
})

test('every problem of the options is said at once, each with its fix', () => {
  const options = { issuer: 'http://id.example.com/#x', audience: [], algorithms: ['HS256'], clockToleranceSeconds: -1 }
  expect(() => createAccessTokenVerifier(options)).toThrow(
    /https(.|\n)*fragment(.|\n)*audience(.|\n)*"HS256"(.|\n)*clockTolerance/,
  )
})
