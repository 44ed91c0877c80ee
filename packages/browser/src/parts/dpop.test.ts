import { generateDpopKeyPair } from '@latchkey/client'
import { describe, expect, test } from 'vitest'
import { silentSignIn } from '../silent-sign-in.ts'
import { apiOrigin } from '../simulated/simulated-world.ts'
import { testWorld } from '../test-world.ts'
import { dpop } from './dpop.ts'

const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())

/** Every proof that anyone was sent, and an API that wants a nonce first. */
async function provenWorld(clockOffset = 0) {
  const proofs: { url: string; proof: string; authorization: string | null }[] = []
  const w = await testWorld({
    clockOffset,
    between: async (request, send) => {
      const proof = request.headers.get('dpop')
      if (proof !== null) proofs.push({ url: request.url, proof, authorization: request.headers.get('authorization') })
      if (!request.url.startsWith(apiOrigin)) return send(request)
      if (claimsOf(proof ?? '').nonce === 'api-nonce')
        return new Response('ok', { headers: { 'dpop-nonce': 'api-nonce' } })
      const headers = { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'api-nonce' }
      return new Response(null, { status: 401, headers })
    },
  })
  const pair = generateDpopKeyPair()
  return { w, proofs, parts: [silentSignIn(), dpop(() => pair)] }
}

describe('DPoP in the browser', () => {
  test("RFC 9449 §5, §7: tokens are bound, tabs share the key, and the API sees the scheme and a proof with the token's hash", async () => {
    const { w, proofs, parts } = await provenWorld()
    const one = await w.signedIn({ parts })
    const two = await w.open({ parts })
    await w.run(two.auth.start())
    await w.browser.time.advance(61)
    expect(await w.run(two.auth.getAccessToken())).not.toBeNull()
    expect(await w.run(one.auth.getAccessToken())).toBe(await w.run(two.auth.getAccessToken()))
    const response = await w.run(one.auth.fetch(`${apiOrigin}/x?query#hash`, { method: 'POST', body: 'text' }))
    expect(response.status).toBe(200)
    const last = proofs.at(-1)
    expect(last?.authorization).toMatch(/^DPoP /)
    expect(claimsOf(last?.proof ?? '')).toMatchObject({ htm: 'POST', htu: `${apiOrigin}/x`, ath: expect.any(String) })
  })

  test('features 35: no proof is ever sent twice, whatever is retried, replayed or asked again with a nonce', async () => {
    const { w, proofs, parts } = await provenWorld()
    const { auth } = await w.signedIn({ parts })
    for (let call = 0; call < 3; call++) await w.run(auth.fetch(`${apiOrigin}/x`))
    await w.browser.time.advance(61)
    await w.run(Promise.all([auth.fetch(`${apiOrigin}/a`), auth.fetch(`${apiOrigin}/b`), auth.getAccessToken()]))
    expect(proofs.length).toBeGreaterThan(7)
    expect(new Set(proofs.map(({ proof }) => proof)).size).toBe(proofs.length)
    expect(new Set(proofs.map(({ proof }) => claimsOf(proof).jti)).size).toBe(proofs.length)
  })

  test('features 55: a nonce is remembered for its origin and not asked for a second time', async () => {
    const { w, proofs, parts } = await provenWorld()
    const { auth } = await w.signedIn({ parts })
    await w.run(auth.fetch(`${apiOrigin}/x`))
    const before = proofs.length
    await w.run(auth.fetch(`${apiOrigin}/other`))
    expect(proofs.length - before).toBe(1)
    expect(claimsOf(proofs.at(-1)?.proof ?? '').nonce).toBe('api-nonce')
  })

  test('the private half of the key cannot be read', async () => {
    const { privateKey } = await generateDpopKeyPair()
    expect(privateKey.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('jwk', privateKey)).rejects.toThrow()
  })

  test('without the part a token that the provider binds is refused: nobody could use it', async () => {
    const { w, parts } = await provenWorld()
    const bound = await w.signedIn({ parts })
    expect(bound.auth.getTokens()?.tokenType).toBe('DPoP')
    expect((await w.run(bound.auth.requestToken({ url: `${apiOrigin}/x`, method: 'GET' })))?.headers).toMatchObject({
      authorization: expect.stringMatching(/^DPoP /),
      dpop: expect.any(String),
    })
  })
})
