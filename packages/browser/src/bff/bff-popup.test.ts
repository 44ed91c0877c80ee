import { createTestBrowser, type TestBrowser } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { popup } from '../parts/popup.ts'
import type { Platform } from '../platform/platform.ts'
import type { PopupWindow } from '../platform/popup-window.ts'
import { type BffPages, bffPages, channels, until } from './test-page.ts'

let pages: BffPages
let browser: TestBrowser
let share: Platform['openChannel']
/** What the API behind the BFF asks for before it answers. */
let wanted: string | null
beforeEach(async () => {
  wanted = null
  browser = createTestBrowser()
  share = channels()
  pages = await bffPages({
    api: () =>
      wanted === null
        ? Response.json({ hello: 'from the API' })
        : new Response('no', { status: 401, headers: { 'www-authenticate': wanted } }),
  })
})
afterEach(() => pages.close())

interface Stage {
  /** Where the window was sent. */
  readonly opened: string[]
  closed: number
  whereabouts: ReturnType<PopupWindow['whereabouts']>
}

const newStage = (): Stage => ({ opened: [], closed: 0, whereabouts: 'here' })

/** A window of this browser; what `answers` does stands for the person in it. */
function windowOf(stage: Stage, answers: (url: string) => unknown) {
  return popup(() => ({
    navigate(url) {
      stage.opened.push(url)
      answers(url)
    },
    whereabouts: () => stage.whereabouts,
    close: () => {
      stage.closed++
    },
  }))
}

/** Signs in at the provider and ends on the static page, which posts its address. */
async function signIn(url: string, username = 'alice'): Promise<void> {
  const stopAt = (address: string) => address.startsWith(`${pages.house.origin}/popup-callback.html`)
  let opened = await browser.open(url, { stopAt })
  if (!stopAt(opened.url)) {
    const body = new URLSearchParams({ username })
    const headers = { origin: pages.house.provider.issuer }
    opened = await browser.open(`${opened.url}/sign-in`, { init: { method: 'POST', body, headers }, stopAt })
  }
  post(opened.url)
}

const post = (url: string) =>
  share('latchkey:popup', () => undefined).postMessage({ type: 'latchkey:popup-callback', url })
const ignore = () => undefined

describe("mode 'bff': sign-in in a popup", () => {
  test('the person is signed in here and in every tab, without this page going anywhere', async () => {
    const stage = newStage()
    const other = pages.open(browser, { share })
    const { auth, visited } = pages.open(browser, { share, parts: [windowOf(stage, (url) => signIn(url))] })
    await Promise.all([auth.start(), other.auth.start()])
    const told: string[] = []
    auth.onEvent((event) => event.type === 'signed-in' && told.push(event.by))
    expect(await auth.signInWithPopup({ loginHint: 'alice' })).toMatchObject({
      status: 'authenticated',
      claims: { sub: 'alice-1' },
    })
    await until(other.auth, 'authenticated')
    expect([visited, stage.closed, told]).toEqual([[], 1, ['popup']])
    const { pathname, searchParams } = new URL(stage.opened[0] ?? '')
    expect([pathname, searchParams.get('login_hint')]).toEqual(['/bff/login', 'alice'])
    expect(searchParams.get('returnUrl')).toMatch(/^\/popup-callback\.html\?state=[\w-]{22}$/)
  })

  test('the window is opened before anything is waited for, and a blocked one is a typed outcome', async () => {
    let opened = false
    const blocked = popup(() => {
      opened = true
      return null
    })
    const { auth } = pages.open(browser, { parts: [blocked] })
    const failed: unknown[] = []
    auth.onEvent((event) => event.type === 'sign-in-failed' && failed.push(event.error))
    const refused = auth.signInWithPopup()
    expect(opened).toBe(true)
    await expect(refused).rejects.toMatchObject({ code: 'popup_blocked', remedy: 'ask_person' })
    expect(failed).toHaveLength(1)
  })

  test('a window that the person closed is a typed outcome; one that an opener policy has cut off is waited for', async () => {
    const { advance } = pages.house.runtime.clock
    const stage = newStage()
    const { auth } = pages.open(browser, { share, parts: [windowOf(stage, ignore)] })
    await auth.start()
    const closed = auth.signInWithPopup()
    closed.catch(ignore)
    await expect.poll(() => stage.opened).toHaveLength(1)
    for (const where of ['elsewhere', 'gone'] as const) {
      stage.whereabouts = where
      advance(2)
    }
    await expect(closed).rejects.toMatchObject({ code: 'popup_closed', remedy: 'ask_person' })

    const cut = auth.signInWithPopup()
    await expect.poll(() => stage.opened).toHaveLength(2)
    advance(30)
    await signIn(stage.opened[1] ?? '')
    expect(await cut).toMatchObject({ status: 'authenticated' })
  })

  test('features 25: an answer with another state or of another page is not for us', async () => {
    const stage = newStage()
    const { auth } = pages.open(browser, { share, parts: [windowOf(stage, ignore)] })
    await auth.start()
    let settled = false
    const waiting = auth.signInWithPopup().finally(() => {
      settled = true
    })
    await expect.poll(() => stage.opened).toHaveLength(1)
    const { searchParams } = new URL(stage.opened[0] ?? '')
    const state = new URL(searchParams.get('returnUrl') ?? '', pages.house.origin).searchParams.get('state')
    await pages.house.signIn({ browser })
    for (const url of [
      `${pages.house.origin}/popup-callback.html?state=other`,
      `${pages.house.origin}/popup-callback.html`,
      `https://evil.test/popup-callback.html?state=${state}`,
      `${pages.house.origin}/elsewhere.html?state=${state}`,
    ])
      post(url)
    await auth.signInSilently()
    expect(settled).toBe(false)
    await signIn(stage.opened[0] ?? '')
    expect(await waiting).toMatchObject({ status: 'authenticated' })
  })

  test('whoever says no at the provider is told as what it is', async () => {
    const stage = newStage()
    const refuse = (url: string) => {
      const returnUrl = new URL(url).searchParams.get('returnUrl') ?? ''
      post(`${pages.house.origin}${returnUrl}&bff_error=access_denied`)
    }
    const { auth } = pages.open(browser, { share, parts: [windowOf(stage, refuse)] })
    await auth.start()
    await expect(auth.signInWithPopup()).rejects.toMatchObject({
      code: 'authorization_failed',
      oauthError: 'access_denied',
    })
    expect([auth.state, stage.closed]).toEqual([{ status: 'anonymous' }, 1])
  })

  test('a message alone signs nobody in: who is there is what the BFF says', async () => {
    const lie = (url: string) => post(pages.house.origin + new URL(url).searchParams.get('returnUrl'))
    const { auth } = pages.open(browser, { share, parts: [windowOf(newStage(), lie)] })
    await auth.start()
    await expect(auth.signInWithPopup()).rejects.toMatchObject({ code: 'not_signed_in' })
    expect(auth.state).toEqual({ status: 'anonymous' })
  })

  test('without the part it says which one is missing', async () => {
    await expect(pages.open().auth.signInWithPopup()).rejects.toThrow('popup()')
  })
})

describe("mode 'bff': a sign-in that takes another's place", () => {
  test('RFC 9470 §4: an API that asks for more is answered in a window, and the call is sent again', async () => {
    await pages.house.signIn({ browser })
    const stage = newStage()
    const freshly = async (url: string) => {
      wanted = null
      await signIn(url)
    }
    const parts = [windowOf(stage, freshly)]
    const { auth } = pages.open(browser, { share, parts, stepUp: 'popup' })
    const other = pages.open(browser, { share })
    await Promise.all([auth.start(), other.auth.start()])
    const lost: string[] = []
    for (const one of [auth, other.auth]) one.onEvent(({ type }) => type === 'signed-out' && lost.push(type))
    const { clock } = pages.house.runtime
    clock.advance(20)
    wanted = 'Bearer error="insufficient_user_authentication", max_age="10"'
    const response = await auth.fetch('/api/x', { method: 'POST', body: 'kept' })
    expect([response.status, stage.opened.length]).toEqual([200, 1])
    expect(new URL(stage.opened[0] ?? '').searchParams.get('max_age')).toBe('10')
    const fresh = { status: 'authenticated', claims: { sub: 'alice-1', auth_time: clock.now() } }
    expect(auth.state).toMatchObject(fresh)
    // The other tab hears that its session was replaced, and looks who is there now.
    const ofTheOther = () => {
      clock.advance(1)
      return other.auth.state
    }
    await expect.poll(ofTheOther).toMatchObject(fresh)
    expect(lost).toEqual([])
  })

  test('an API that goes on asking is not asked in a circle', async () => {
    await pages.house.signIn({ browser })
    const stage = newStage()
    const { auth } = pages.open(browser, { share, parts: [windowOf(stage, (url) => signIn(url))], stepUp: 'popup' })
    await auth.start()
    wanted = 'Bearer error="insufficient_user_authentication", max_age="0"'
    expect((await auth.fetch('/api/x')).status).toBe(401)
    expect(stage.opened).toHaveLength(1)
  })

  test('somebody else who signs in in another tab is who is there, in every tab', async () => {
    await pages.house.signIn({ browser })
    const { auth } = pages.open(browser, { share })
    await auth.start()
    await signIn(`${pages.house.origin}/bff/login?prompt=login&returnUrl=%2Fpopup-callback.html`, 'root')
    await expect
      .poll(() => {
        pages.house.runtime.clock.advance(1)
        return auth.state
      })
      .toMatchObject({ status: 'authenticated', claims: { sub: 'root-1' } })
  })
})
