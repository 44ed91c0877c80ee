import { webcrypto } from 'node:crypto'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpsSend } from './test-https.ts'
import { expectSignedOut, type LogoutHouse, openLogoutHouse, type SignedIn, signInAt } from './test-logout-run.ts'

let house: LogoutHouse
beforeAll(async () => {
  house = await openLogoutHouse()
})
afterAll(() => house.close())

type Listener = (event: { readonly data: unknown; readonly origin: string; readonly source: object }) => void

/** Loads the frame over https and runs its own script against the browser's cookies; then asks it, as the suite's page does. */
async function checkSession({ person, clientId, sessionState, redirectUri }: SignedIn): Promise<string> {
  const { check_session_iframe: url } = house.server.metadata as { readonly check_session_iframe?: string }
  const send = httpsSend()
  const page = await (await send(new Request(url ?? ''))).text()
  const [, source = ''] = /<script src="([^"]+)"/.exec(page) ?? []
  const [, cookie = ''] = /data-cookie="([^"]+)"/.exec(page) ?? []
  const script = await (await send(new Request(new URL(source, house.server.issuer)))).text()
  const listeners: Listener[] = []
  const frame = {
    document: {
      documentElement: { getAttribute: (name: string) => (name === 'data-cookie' ? cookie : null) },
      cookie: [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    },
    addEventListener: (_: string, listener: Listener) => listeners.push(listener),
    window: { addEventListener: (_: string, listener: Listener) => listeners.push(listener) },
    crypto: webcrypto,
    TextEncoder,
    btoa,
    Uint8Array,
  }
  runInNewContext(script, frame)
  return new Promise((resolve) => {
    const data = `${clientId} ${sessionState}`
    const asking = { postMessage: resolve }
    for (const listener of listeners) listener({ data, origin: new URL(redirectUri).origin, source: asking })
  })
}

test('oidcc-session-management-discovery-endpoint-verification', () => {
  expect(house.server.metadata).toMatchObject({
    check_session_iframe: expect.stringMatching(/^https:/),
    end_session_endpoint: expect.stringMatching(/^https:/),
  })
})

test('oidcc-session-management-rp-initiated-logout', async () => {
  const signedIn = await signInAt(house)
  expect(await checkSession(signedIn)).toBe('unchanged')
  const { leftTo } = await signedIn.end()
  expect(await checkSession(signedIn)).toBe('changed')
  await expectSignedOut(signedIn, leftTo)
})
