import { expect, test } from 'vitest'
import { testWorld } from '../test-world.ts'
import { showDevtools } from './devtools.ts'
import type { PanelView } from './panel-view.ts'

test('the panel follows state, life and events, and shows no token, code, nonce or verifier', async () => {
  const w = await testWorld()
  const { auth, tab } = await w.signedIn()
  const { runtime } = await w.run(tab.page())
  const drawn: { views: readonly PanelView[]; events: readonly string[] }[] = []
  let removed = 0
  const close = showDevtools(auth, {
    runtime,
    open: () => ({ draw: (views, events) => drawn.push({ views, events: [...events] }), remove: () => removed++ }),
  })
  await w.browser.time.advance(30)
  expect(drawn.at(-1)?.views[0]).toMatchObject({ status: 'authenticated', left: expect.closeTo(0.5, 1) })
  await w.browser.time.advance(31)
  const secrets = [await w.run(auth.getAccessToken()), auth.getTokens()?.refreshToken, auth.getIdToken()]
  await w.browser.time.advance(1)
  expect(drawn.at(-1)?.events.join('\n')).toMatch(/renewed/)
  const nonce = auth.state.status === 'authenticated' ? auth.state.claims.nonce : ''
  await w.run(auth.signOut({ where: 'browser' }))
  expect(drawn.at(-1)?.events[0]).toMatch(/signed out: signed-out/)
  const told = JSON.stringify(drawn)
  for (const secret of [...secrets, nonce]) if (secret) expect(told).not.toContain(secret)
  close()
  const after = drawn.length
  await w.browser.time.advance(10)
  expect([drawn.length, removed]).toEqual([after, 1])
})
