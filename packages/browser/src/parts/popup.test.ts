import { readFile } from 'node:fs/promises'
import { createContext, runInContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { PopupWindow } from '../platform/popup-window.ts'
import { silentSignIn } from '../silent-sign-in.ts'
import { appOrigin } from '../simulated/simulated-world.ts'
import { type TestWorld, testWorld } from '../test-world.ts'
import { popup } from './popup.ts'

interface Stage {
  readonly opened: string[]
  closed: number
  whereabouts: ReturnType<PopupWindow['whereabouts']>
}

/** A window that goes to the provider like any tab of the simulated browser, and posts what the static page would post. */
function windowOf(w: TestWorld, stage: Stage, { answers = true } = {}) {
  return () => ({
    navigate(url: string) {
      stage.opened.push(url)
      if (!answers) return
      void w.browser.time.during(answer(w, url))
    },
    whereabouts: () => stage.whereabouts,
    close: () => {
      stage.closed++
    },
  })
}

async function answer(w: TestWorld, url: string): Promise<void> {
  const tab = w.browser.openTab(`${appOrigin}/about-to-leave`)
  const platform = await tab.go(url)
  platform
    .openChannel('latchkey:popup', () => undefined)
    .postMessage({ type: 'latchkey:popup-callback', url: tab.href })
}

const newStage = (): Stage => ({ opened: [], closed: 0, whereabouts: 'here' })

describe('sign-in in a popup', () => {
  test('the person is signed in here and in every tab, and the window is closed', async () => {
    const w = await testWorld()
    const stage = newStage()
    const other = await w.open()
    await w.run(other.auth.start())
    const { auth, tab } = await w.open({ parts: [silentSignIn(), popup(windowOf(w, stage))] })
    const told: string[] = []
    auth.onEvent((event) => event.type === 'signed-in' && told.push(event.by))
    expect(await w.run(auth.signInWithPopup({ loginHint: 'alice' }))).toMatchObject({ status: 'authenticated' })
    await w.browser.time.advance(1)
    expect([other.auth.state.status, stage.closed, told]).toEqual(['authenticated', 1, ['popup']])
    const { searchParams } = new URL(stage.opened[0] ?? '')
    expect([searchParams.get('redirect_uri'), searchParams.get('login_hint')]).toEqual([
      `${appOrigin}/popup-callback.html`,
      'alice',
    ])
    expect([...tab.storage.keys()]).toEqual([])
  })

  test('the window is opened before anything is waited for: in the gesture of the person', async () => {
    const w = await testWorld()
    let opened = false
    const { auth } = await w.open({
      parts: [
        popup(() => {
          opened = true
          return null
        }),
      ],
    })
    const refused = auth.signInWithPopup()
    expect(opened).toBe(true)
    await expect(w.run(refused)).rejects.toMatchObject({
      code: 'popup_blocked',
      remedy: 'ask_person',
      retryable: false,
    })
  })

  test('a window that was seen elsewhere and is gone was closed by the person', async () => {
    const w = await testWorld()
    const stage = newStage()
    const { auth } = await w.open({ parts: [popup(windowOf(w, stage, { answers: false }))] })
    const closed = auth.signInWithPopup()
    closed.catch(() => undefined)
    await w.browser.time.advance(1)
    stage.whereabouts = 'elsewhere'
    await w.browser.time.advance(1)
    stage.whereabouts = 'gone'
    await w.browser.time.advance(3)
    await expect(closed).rejects.toMatchObject({ code: 'popup_closed', remedy: 'ask_person' })
  })

  test('a window that an opener policy has cut off is not taken for closed: its answer still comes by the channel', async () => {
    const w = await testWorld()
    const stage = newStage()
    stage.whereabouts = 'gone'
    const { auth } = await w.open({ parts: [popup(windowOf(w, stage, { answers: false }))] })
    const waiting = auth.signInWithPopup()
    await w.browser.time.advance(30)
    void w.browser.time.during(answer(w, stage.opened[0] ?? ''))
    expect(await w.run(waiting)).toMatchObject({ status: 'authenticated' })
  })

  test('features 25: answers with another state, of another page or of another kind are not for us', async () => {
    const w = await testWorld()
    const stage = newStage()
    const { auth } = await w.open({ parts: [popup(windowOf(w, stage, { answers: false }))] })
    const waiting = auth.signInWithPopup()
    let settled = false
    void waiting.finally(() => {
      settled = true
    })
    await w.browser.time.advance(1)
    const state = new URL(stage.opened[0] ?? '').searchParams.get('state') ?? ''
    const attacker = await w.browser.openTab(`${appOrigin}/x`).page()
    const channel = attacker.openChannel('latchkey:popup', () => undefined)
    for (const message of [
      { type: 'latchkey:popup-callback', url: `${appOrigin}/popup-callback.html?code=c&state=other` },
      { type: 'latchkey:popup-callback', url: `https://evil.test/popup-callback.html?code=c&state=${state}` },
      { type: 'latchkey:popup-callback', url: `${appOrigin}/elsewhere.html?code=c&state=${state}` },
      { type: 'other', url: `${appOrigin}/popup-callback.html?code=c&state=${state}` },
      { type: 'latchkey:popup-callback', url: 7 },
      null,
      'text',
    ])
      channel.postMessage(message)
    await w.browser.time.advance(2)
    expect([settled, w.tokenRequests.length]).toEqual([false, 0])
    void w.browser.time.during(answer(w, stage.opened[0] ?? ''))
    expect(await w.run(waiting)).toMatchObject({ status: 'authenticated' })
  })

  test("a caller may give up; two sign-ins at once do not take each other's answer", async () => {
    const w = await testWorld()
    const [one, two] = [newStage(), newStage()]
    const first = await w.open({ parts: [popup(windowOf(w, one, { answers: false }))] })
    const second = await w.open({ parts: [popup(windowOf(w, two))] })
    const impatient = new AbortController()
    const waiting = first.auth.signInWithPopup({ signal: impatient.signal })
    waiting.catch(() => undefined)
    expect(await w.run(second.auth.signInWithPopup())).toMatchObject({ status: 'authenticated' })
    impatient.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
    expect(one.closed).toBe(1)
  })

  test('the static page has no inline script, posts to its own origin alone and closes itself', async () => {
    const file = (name: string) => readFile(new URL(`../../static/${name}`, import.meta.url), 'utf8')
    const page = await file('popup-callback.html')
    expect(page).not.toMatch(/<script>|<style|\son\w+=|style=/)
    expect(page.indexOf('no-referrer')).toBeLessThan(page.indexOf('<script'))
    const posted: unknown[] = []
    let closed = 0
    class Channel {
      readonly name: string
      constructor(name: string) {
        this.name = name
      }
      postMessage = (message: unknown) => posted.push([this.name, message])
      close = () => undefined
    }
    const window = { location: { href: `${appOrigin}/popup-callback.html?code=c` }, close: () => closed++ }
    runInContext(await file('popup-callback.js'), createContext({ window, BroadcastChannel: Channel }))
    expect(posted).toEqual([['latchkey:popup', { type: 'latchkey:popup-callback', url: window.location.href }]])
    expect(closed).toBe(1)
  })
})
