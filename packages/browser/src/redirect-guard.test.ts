import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { type Listening, listen } from '@latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refuseRedirects } from './redirect-guard.ts'

describe('redirects of requests that carry a token', () => {
  const saw: (string | null)[] = []
  let elsewhere: Listening
  let api: Listening
  beforeAll(async () => {
    elsewhere = await listen((request) => {
      saw.push(request.headers.get('authorization'))
      return new Response('elsewhere')
    })
    api = await listen((request) =>
      new URL(request.url).pathname === '/moved'
        ? new Response(null, { status: 302, headers: { location: `${elsewhere.origin}/x` } })
        : new Response('here'),
    )
  })
  afterAll(() => Promise.all([elsewhere.close(), api.close()]))

  const headers = { authorization: 'Bearer secret-token' }
  const send = (path: string, init?: RequestInit) =>
    refuseRedirects(systemRuntime.fetch, init)(new Request(`${api.origin}${path}`, { headers, ...init }))

  test('a token never follows a redirect; the error names the address without its query', async () => {
    const refused = send('/moved?private=1')
    await expect(refused).rejects.toMatchObject({ code: 'response_invalid' })
    await expect(refused).rejects.toThrow(`GET ${api.origin}/moved was redirected`)
    await expect(refused).rejects.not.toThrow(/private|secret/)
    expect(saw).toEqual([])
  })

  test("redirect: 'follow' is the caller's own wish, and the token stays behind on another origin all the same", async () => {
    const response = await send('/moved', { redirect: 'follow' })
    expect([await response.text(), saw]).toEqual(['elsewhere', [null]])
  })

  test('an answer that is no redirect passes, and a request without a token follows as always', async () => {
    expect(await (await send('/x')).text()).toBe('here')
    const bare = refuseRedirects(systemRuntime.fetch, undefined)
    expect(await (await bare(`${api.origin}/moved`)).text()).toBe('elsewhere')
  })
})
