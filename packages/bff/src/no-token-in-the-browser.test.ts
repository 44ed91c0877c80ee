import { createTestBrowser, testBff } from '@latchkey/testing'
import { expect, test } from 'vitest'

/** Every access, refresh and ID token that the BFF ever got, read off its own traffic. */
async function walk() {
  const tokens = { access: new Set<string>(), refresh: new Set<string>(), id: new Set<string>() }
  const house = await testBff({ lifetimes: { access_token: 60 } })
  house.onTheWay = async (_, __, next) => {
    const response = await next()
    if (!response.headers.get('content-type')?.includes('json')) return response
    const body = await response.clone().json()
    if (body.access_token) tokens.access.add(body.access_token)
    if (body.refresh_token) tokens.refresh.add(body.refresh_token)
    if (body.id_token) tokens.id.add(body.id_token)
    return response
  }
  const browser = createTestBrowser()
  const csrf = { headers: { 'x-csrf': '1' } }
  const visit = (path: string, init?: RequestInit) => browser.fetch(house.origin + path, init)
  await house.signIn({ browser })
  await visit('/bff/user', csrf)
  await visit('/api/messages', csrf)
  house.runtime.clock.advance(60)
  await visit('/api/messages', csrf)
  await visit('/bff/user')
  await visit('/bff/nothing')
  await visit('/api/..%2f', csrf)
  const claims = await (await visit('/bff/user?format=object', csrf)).json()
  await visit('/bff/logout')
  await visit(claims['bff:logout_url'])
  await visit('/api/messages', csrf)
  await house.close()
  const atTheBff = browser.seen.filter(({ url }) => url.startsWith(house.origin))
  return { tokens, atTheBff, browser, events: house.events, origin: house.origin }
}

test('no token reaches the browser in any header or body of a whole walk, and none an event', async () => {
  const { tokens, atTheBff, browser, events } = await walk()
  expect(tokens.access.size).toBe(2)
  expect(tokens.refresh.size).toBe(2)
  expect(tokens.id.size).toBeGreaterThan(0)
  const all = JSON.stringify([atTheBff, [...browser.cookies], events])
  for (const token of [...tokens.access, ...tokens.refresh]) {
    expect(all).not.toContain(token)
    expect(all).not.toContain(Buffer.from(token).toString('base64').slice(0, 40))
  }
  // An ID token is shown to its own issuer once, as the hint that RP-Initiated Logout §2 asks for.
  const withIdToken = atTheBff.filter((answer) =>
    [...tokens.id].some((token) => JSON.stringify(answer).includes(token)),
  )
  expect(withIdToken.map(({ url }) => new URL(url).pathname)).toEqual(['/bff/logout'])
})

test('every answer of the BFF’s own endpoints forbids storing, framing and guessing its type', async () => {
  const { atTheBff } = await walk()
  const own = atTheBff.filter(({ url }) => new URL(url).pathname.startsWith('/bff'))
  expect(own.length).toBeGreaterThan(6)
  for (const { headers } of own) {
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
    })
  }
})
