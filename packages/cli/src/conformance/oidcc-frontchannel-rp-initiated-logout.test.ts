import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectSignedOut, type LogoutHouse, openLogoutHouse, signInAt } from './test-logout-run.ts'

let house: LogoutHouse
beforeAll(async () => {
  house = await openLogoutHouse()
})
afterAll(() => house.close())

test('oidcc-frontchannel-logout-discovery-endpoint-verification', () => {
  expect(house.server.metadata).toMatchObject({
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
    end_session_endpoint: expect.stringMatching(/^https:/),
  })
})

test('oidcc-frontchannel-rp-initiated-logout', async () => {
  const { server } = house
  const signedIn = await signInAt(house, 'conformance-frontchannel')
  const page = await signedIn.end()
  const [frame = ''] = [...page.text.matchAll(/<iframe src="([^"]+)"/g)].map(([, src = '']) => decoded(src))
  const { origin, pathname, searchParams } = new URL(frame)
  expect(origin + pathname).toBe(signedIn.leaving.replace('post_logout_redirect', 'frontchannel_logout'))
  expect([...searchParams]).toEqual([
    ['iss', server.issuer],
    ['sid', signedIn.claims.sid],
  ])
  expect(page.headers.get('content-security-policy')).toContain(`frame-src ${origin}`)
  // Without a script engine the page leads on by itself, and by its link.
  const [, onward = ''] = /^\d+; url=(.+)$/.exec(page.headers.get('refresh') ?? '') ?? []
  expect(decoded(/<a [^>]*href="([^"]+)"[^>]*data-after-frames/.exec(page.text)?.[1] ?? '')).toBe(onward)
  await expectSignedOut(signedIn, new URL(onward))
})

function decoded(text: string): string {
  return text.replaceAll('&amp;', '&')
}
