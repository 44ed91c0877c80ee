import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { type Listening, listen } from '@latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthFetchInit } from '../auth.ts'
import { testWorld } from '../test-world.ts'

describe('redirects of requests that carry a token', () => {
  const saw: (string | null)[] = []
  let elsewhere: Listening
  let api: Listening
  beforeAll(async () => {
    elsewhere = await listen((request) => {
      saw.push(request.headers.get('authorization'))
      return new Response('elsewhere')
    })
    api = await listen((request) => {
      saw.push(request.headers.get('authorization'))
      return new URL(request.url).pathname === '/moved'
        ? new Response(null, { status: 302, headers: { location: `${elsewhere.origin}/x` } })
        : new Response('here')
    })
  })
  afterAll(() => Promise.all([elsewhere.close(), api.close()]))

  /** A signed-in page whose requests, other than to the provider, go to real servers. */
  async function signedIn() {
    const w = await testWorld({
      between: (request, send) =>
        request.url.startsWith('https://id.example.com/') ? send(request) : systemRuntime.fetch(request),
    })
    const { auth } = await w.signedIn({ secureRoutes: [api.origin] })
    saw.length = 0
    return (input: string | Request, init?: AuthFetchInit) => w.run(auth.fetch(input, init))
  }
  const bearer = expect.stringMatching(/^Bearer /)

  test('a token never follows a redirect; the error names the address without its query', async () => {
    const send = await signedIn()
    for (const input of [`${api.origin}/moved?private=1`, new Request(`${api.origin}/moved?private=1`)]) {
      const refused = send(input)
      await expect(refused).rejects.toMatchObject({ code: 'response_invalid' })
      await expect(refused).rejects.toThrow(`GET ${api.origin}/moved was redirected`)
      await expect(refused).rejects.not.toThrow(/private|Bearer/)
    }
    expect(saw).toEqual([bearer, bearer])
  })

  test("redirect: 'follow' is the caller's own wish, and the token stays behind on another origin all the same", async () => {
    const send = await signedIn()
    const response = await send(`${api.origin}/moved`, { redirect: 'follow' })
    expect([await response.text(), saw]).toEqual(['elsewhere', [bearer, null]])
  })

  test("redirect: 'manual' and 'error' stay what the caller, or the Request, says", async () => {
    const send = await signedIn()
    expect((await send(new Request(`${api.origin}/moved`, { redirect: 'manual' }))).status).toBe(302)
    expect((await send(`${api.origin}/moved`, { redirect: 'manual' })).status).toBe(302)
    await expect(send(new Request(`${api.origin}/moved`, { redirect: 'error' }))).rejects.toThrow(TypeError)
    expect(saw).toEqual([bearer, bearer, bearer])
  })

  test('an answer that is no redirect passes, and a request without a token follows as always', async () => {
    const send = await signedIn()
    expect(await (await send(`${api.origin}/x`)).text()).toBe('here')
    expect(await (await send(`${api.origin}/moved`, { authentication: 'skip' })).text()).toBe('elsewhere')
    expect(saw).toEqual([bearer, null, null])
  })
})
