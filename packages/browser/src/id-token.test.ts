import { client, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { appClient, openWorld, type WorldOptions } from './simulated/simulated-world.ts'

const seed = Number(process.env.SEED ?? 1)
console.info(`SEED=${seed} repeats this order of events`)

const openProvider = (now: () => number) =>
  testProvider({
    runtime: { ...testRuntime(), now },
    moreClients: [client({ ...appClient })],
    lifetimes: { access_token: 60, refresh_token_grace: 0 },
  })

type House = Awaited<ReturnType<typeof openProvider>>
const world = (options: Partial<WorldOptions<House>> = {}) => openWorld({ seed, openProvider, ...options })

describe('the ID token', () => {
  const withClaims =
    (change: (claims: Record<string, unknown>) => void): NonNullable<WorldOptions<House>['between']> =>
    async (request, send) => {
      const response = await send(request)
      if (!request.url.endsWith('/token')) return response
      const body = await response.json()
      const [header, payload, signature] = body.id_token.split('.')
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
      change(claims)
      const changed = Buffer.from(JSON.stringify(claims)).toString('base64url')
      return Response.json({ ...body, id_token: [header, changed, signature].join('.') })
    }

  test.each<[string, (claims: Record<string, unknown>) => void]>([
    ['another nonce', (claims) => (claims.nonce = 'other')],
    ['no nonce', (claims) => delete claims.nonce],
    ['another issuer', (claims) => (claims.iss = 'https://evil.test')],
    ['another audience', (claims) => (claims.aud = 'other')],
    ['another authorized party', (claims) => Object.assign(claims, { aud: ['app', 'other'], azp: 'other' })],
    ['an expiry in the past', (claims) => (claims.exp = Number(claims.iat) - 100)],
    ['another at_hash', (claims) => (claims.at_hash = 'AAAAAAAAAAAAAAAAAAAAAA')],
  ])('features 33: with %s nothing is kept', async (_name, change) => {
    const w = await world({ between: withClaims(change) })
    const { tab, auth } = await w.open()
    await w.run(auth.signIn())
    w.browser.cookies.clear()
    const back = await w.load(tab)
    await expect(w.run(back.auth.start())).rejects.toMatchObject({ code: 'id_token_invalid' })
    expect([back.auth.state.status, back.auth.getIdToken(), await w.run(back.auth.getAccessToken())]).toEqual([
      'anonymous',
      null,
      null,
    ])
  })

  test('features 33: a silent answer whose at_hash is of another token is refused as well', async () => {
    let forged = false
    const change = withClaims((claims) => (claims.at_hash = 'AAAAAAAAAAAAAAAAAAAAAA'))
    const w = await world({ between: (request, send) => (forged ? change(request, send) : send(request)) })
    const { tab } = await w.signedIn()
    tab.close()
    forged = true
    const { auth } = await w.open()
    await expect(w.run(auth.start())).rejects.toMatchObject({ code: 'id_token_invalid' })
    expect(auth.getIdToken()).toBeNull()
  })

  test.each([-1800, 1800])(
    'features 34: a clock that is %i seconds off signs in and renews all the same',
    async (offset) => {
      const w = await world({ openProvider: (now) => openProvider(() => now() + offset), between: withDate(offset) })
      const { auth } = await w.signedIn()
      expect(auth.state.status).toBe('authenticated')
      await w.browser.time.advance(61)
      expect(await w.run(auth.getAccessToken())).not.toBeNull()
    },
  )

  /** The `Date` header that a provider's server sends. */
  function withDate(offset: number): NonNullable<WorldOptions<House>['between']> {
    return async (request, send) => {
      const response = await send(request)
      const headers = new Headers(response.headers)
      headers.set('date', new Date((1_800_000_000 + offset) * 1000).toUTCString())
      return new Response(response.body, { status: response.status, headers })
    }
  }
})
