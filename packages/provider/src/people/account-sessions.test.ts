import { newPerson, type Person, type SeenPage } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ask, atTheDoor, entriesOf, setUp } from './test-account.ts'

describe('where a person is signed in', () => {
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
  const iphone =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'

  /** A browser that calls itself something. */
  function browserOf(provider: Parameters<typeof newPerson>[0], agent: string): Person {
    return newPerson({
      issuer: provider.issuer,
      fetch(request) {
        request.headers.set('user-agent', agent)
        return provider.fetch(request)
      },
    })
  }

  async function threeBrowsers() {
    const kit = await setUp()
    const [here, phone, third] = [
      browserOf(kit.provider, firefox),
      browserOf(kit.provider, iphone),
      newPerson(kit.provider),
    ]
    const tokens = []
    for (const who of [here, phone, third]) tokens.push(await kit.connect({ who }))
    return { ...kit, here, phone, third, tokens }
  }

  test('each browser is listed by its name, how and when it signed in and what was opened in it; this one is marked', async () => {
    const { here, clock } = await threeBrowsers()
    clock.advance(7200)
    const { text } = await here.open('/account')
    expect(text).toContain('Firefox on Linux <span class="badge good">This browser</span>')
    expect(text).toContain('Safari on iPhone')
    expect(text).toContain('<h3 class="row">A browser</h3>')
    expect(text).toContain('2 hours ago</time> with a password')
    expect(text).toContain('Opened: Acme &lt;Notes&gt;')
    expect(text.match(/Sign out there<\/button>/g)).toHaveLength(2)
    expect(text).not.toContain('604.1')
  })

  test('one browser is signed out from another, with every token given out in it, and nothing else', async () => {
    const { here, phone, third, tokens, isActive, store } = await threeBrowsers()
    const page = await here.open('/account')
    const index = page.text.slice(0, page.text.indexOf('Safari on iPhone')).match(/<form/g)?.length ?? 0
    const done = await here.submit(page, {}, index)
    expect(done.text).toContain('That browser is signed out.')
    expect(await Promise.all(tokens.map(({ access_token }) => isActive(access_token)))).toEqual([true, false, true])
    expect(atTheDoor(await phone.open('/account'))).toBe(true)
    expect((await third.open('/account')).text).toContain('This browser')
    const [entry] = await entriesOf(store, 'session.ended')
    expect(entry).toMatchObject({ sub: 'alice-1', actor: null, detail: 'signed out from elsewhere' })
  })

  test('all others are signed out at once, and this one stays', async () => {
    const { here, phone, third, tokens, isActive } = await threeBrowsers()
    const page = await here.open('/account')
    const last = (page.text.match(/<form/g)?.length ?? 0) - 1
    expect((await here.submit(page, {}, last)).text).toContain('2 other browsers are signed out.')
    expect(await Promise.all(tokens.map(({ access_token }) => isActive(access_token)))).toEqual([true, false, false])
    for (const who of [phone, third]) expect(atTheDoor(await who.open('/account'))).toBe(true)
    expect((await here.open('/account')).text).toContain('You are signed in nowhere else.')
  })

  test('nobody ends a session of somebody else, whatever the form names', async () => {
    const { provider, connect, phone, third, here, store } = await threeBrowsers()
    const [bob, bobElsewhere] = [newPerson(provider), newPerson(provider)]
    for (const who of [bob, bobElsewhere]) await connect({ who, username: 'root' })
    const sessionsIn = ({ text }: SeenPage) => [...text.matchAll(/name="session" value="([^"]+)"/g)].map(([, id]) => id)
    const alices = sessionsIn(await here.open('/account'))
    expect(alices).toHaveLength(2)
    const own = await bob.open('/account')
    expect(sessionsIn(own)).toHaveLength(1)
    for (const session of alices) {
      expect((await bob.submit(own, { session })).text).toContain('Nothing was left to sign out.')
    }
    expect(await store.sessions.list('alice-1', 0)).toHaveLength(3)
    for (const who of [phone, third]) expect((await who.open('/account')).text).toContain('This browser')
  })

  test('the last use is noted now and then, and a store that cannot be written stops nobody', async () => {
    const { here, clock, store } = await threeBrowsers()
    const usedAt = async () =>
      Math.max(...(await store.sessions.list('alice-1', clock.now())).map((each) => each.usedAt ?? 0))
    clock.advance(299)
    await here.open('/account')
    expect(await usedAt()).toBe(0)
    clock.advance(1)
    await here.open('/account')
    expect(await usedAt()).toBe(Math.floor(clock.now()))
    store.sessions.use = async () => Promise.reject(new Error('the disk is full'))
    clock.advance(600)
    expect((await here.open('/account')).status).toBe(200)
  })

  test('signing in again in one browser keeps the day on which it began', async () => {
    const { person, connect, clock, store } = await setUp()
    await connect()
    const began = Math.floor(clock.now())
    clock.advance(3600)
    const page = await person.open(`${ask('notes')}&prompt=login`)
    await person.post(`${page.path}/sign-in`, { username: 'alice' })
    const [session, ...more] = await store.sessions.list('alice-1', clock.now())
    expect(more).toEqual([])
    expect(session).toMatchObject({ startedAt: began, authTime: began + 3600 })
  })
})
