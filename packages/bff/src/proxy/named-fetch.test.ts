import { createTestBrowser, type TestBff, type TestBrowser, testBff } from '@latchkey/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'

let answers: Response[] = []
let arrived: { path: string; authorization: string | null }[] = []
let house: TestBff
beforeEach(async () => {
  answers = []
  arrived = []
  house = await testBff({
    api(request) {
      arrived.push({ path: new URL(request.url).pathname, authorization: request.headers.get('authorization') })
      return answers.shift() ?? Response.json({ ok: true })
    },
  })
})
afterEach(() => house.close())

const fetchFor = (browser: TestBrowser) => {
  const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
  return house.bff.userAccessTokenFetch({ headers: { cookie } }, 'apiClient')
}

test.each(['messages', '/messages'])(
  'the path %j stands below the base address and gets the person’s token',
  async (path) => {
    const response = await fetchFor(await house.signIn())(path)
    expect(response.status).toBe(200)
    expect(arrived).toEqual([{ path: '/api/messages', authorization: expect.stringMatching(/^Bearer eyJ/) }])
  },
)

test.each(['https://evil.test/api', '//evil.test/', '../admin', '/..%2fadmin', 'javascript:alert(1)'])(
  'features 21: the address %j, outside the base address, is refused and never called',
  async (address) => {
    await expect(fetchFor(await house.signIn())(address)).rejects.toThrow('only')
    expect(arrived).toEqual([])
  },
)

test('a redirect comes back unfollowed, so that the token goes nowhere else', async () => {
  answers = [new Response(null, { status: 307, headers: { location: '/elsewhere' } })]
  expect((await fetchFor(await house.signIn())('messages')).status).toBe(307)
  expect(arrived).toHaveLength(1)
})

test('a 401 brings one renewal and one replay', async () => {
  answers = [new Response('no', { status: 401 })]
  expect((await fetchFor(await house.signIn())('messages', { method: 'POST', body: 'x' })).status).toBe(200)
  expect(new Set(arrived.map(({ authorization }) => authorization)).size).toBe(2)
  expect(house.refreshes()).toBe(1)
})

test('without a session the API is not called and the error becomes a 401', async () => {
  const error = await fetchFor(createTestBrowser())('messages').catch((caught: unknown) => caught)
  expect(house.bff.problemResponse(error).status).toBe(401)
  expect(arrived).toEqual([])
})

test('a client that is not configured is named, with those that are', () => {
  expect(() => house.bff.userAccessTokenFetch({ headers: {} }, 'apiclient')).toThrow('known are apiClient')
})
