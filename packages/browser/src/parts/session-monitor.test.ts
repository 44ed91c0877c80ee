import { describe, expect, test } from 'vitest'
import { silentSignIn } from '../silent-sign-in.ts'
import { testWorld } from '../test-world.ts'
import { frontChannelLogout } from './front-channel.ts'
import { sessionMonitor } from './session-monitor.ts'

const parts = [silentSignIn(), sessionMonitor({ everySeconds: 60 })]

describe('the session monitor', () => {
  test('who signs out at the provider is signed out here within a minute, in every tab; one tab asks for all', async () => {
    let asked = 0
    const w = await testWorld({
      between: (request, send) => {
        if (request.url.includes('id_token_hint') && request.url.includes('/authorize')) asked++
        return send(request)
      },
    })
    const one = await w.signedIn({ parts })
    const two = await w.open({ parts })
    await w.run(two.auth.start())
    await w.browser.time.advance(130)
    expect([asked <= 3, one.auth.state.status, two.auth.state.status]).toEqual([true, 'authenticated', 'authenticated'])
    const changed: string[] = []
    one.auth.onEvent((event) => event.type === 'session-changed' && changed.push(event.type))
    two.auth.onEvent((event) => event.type === 'session-changed' && changed.push(event.type))
    w.browser.cookies.clear()
    await w.browser.time.advance(130)
    const over = { status: 'anonymous', because: 'signed-out-elsewhere' }
    expect([one.auth.state, two.auth.state, changed.length]).toEqual([over, over, 1])
  })

  test('a browser that shows the provider no cookie in frames is not taken for a sign-out', async () => {
    const w = await testWorld()
    const { auth, tab } = await w.signedIn({ parts: [sessionMonitor({ everySeconds: 60 })] })
    w.browser.cookies.clear()
    await w.browser.time.advance(400)
    expect([auth.state.status, tab.visited.length]).toEqual(['authenticated', 1])
  })

  test('features 23: a sign-in that was to be fresh or strong when it was made is not ended for being neither now', async () => {
    const w = await testWorld()
    const { auth } = await w.signedIn({ parts, maxAgeSeconds: 90, extraParameters: { max_age: '90' } })
    await w.browser.time.advance(400)
    expect(auth.state.status).toBe('authenticated')
  })

  test('a provider that is away changes nothing', async () => {
    let away = false
    const w = await testWorld({
      between: (request, send) => (away ? Promise.reject(new TypeError('Failed to fetch')) : send(request)),
    })
    const { auth } = await w.signedIn({ parts })
    await w.browser.time.advance(100)
    away = true
    await w.browser.time.advance(400)
    expect(auth.state.status).toBe('authenticated')
  })
})

describe('front-channel logout', () => {
  test('Front-Channel Logout §3: only the very issuer and session id end the session', async () => {
    const w = await testWorld()
    const { auth } = await w.signedIn({ parts: [frontChannelLogout()] })
    const { claims } = auth.state as { claims: { iss: string; sid: string } }
    const landing = await w.browser.openTab('https://app.test/frontchannel-logout.html').page()
    const channel = landing.openChannel('latchkey:front-channel-logout', () => undefined)
    const type = 'latchkey:front-channel-logout'
    for (const message of [
      null,
      { type },
      { type, iss: claims.iss, sid: 'other' },
      { type, iss: 'https://evil.test', sid: claims.sid },
    ])
      channel.postMessage(message)
    await w.browser.time.advance(1)
    expect(auth.state.status).toBe('authenticated')
    channel.postMessage({ type, iss: claims.iss, sid: claims.sid })
    await w.browser.time.advance(1)
    expect(auth.state).toEqual({ status: 'anonymous', because: 'signed-out-elsewhere' })
  })
})
