import { describe, expect, test } from 'vitest'
import type { SessionStorage } from '../auth-part.ts'
import { testWorld } from '../test-world.ts'
import { keepIn } from './storage.ts'

/** A storage that answers later, as IndexedDB does, and can break. */
function slowStorage() {
  const kept: { value: string | null; broken: boolean } = { value: null, broken: false }
  const open = (): SessionStorage => ({
    async load() {
      if (kept.broken) throw new Error('broken')
      return JSON.parse(kept.value ?? 'null')
    },
    async save(session) {
      if (kept.broken) throw new Error('broken')
      kept.value = JSON.stringify(session)
    },
    async remove() {
      kept.value = null
    },
  })
  return { kept, part: keepIn(open) }
}

describe('a session that is kept beyond the page', () => {
  test('a reload finds the person signed in without asking anyone, and renews with the newest refresh token', async () => {
    const w = await testWorld()
    const { part } = slowStorage()
    const first = await w.signedIn({ parts: [part] })
    await w.browser.time.advance(61)
    await w.run(first.auth.getAccessToken())
    first.tab.close()
    const before = w.tokenRequests.length
    const { auth } = await w.open({ parts: [part] })
    const told: string[] = []
    auth.onEvent((event) => event.type === 'signed-in' && told.push(event.by))
    expect((await w.run(auth.start())).status).toBe('authenticated')
    expect([w.tokenRequests.length - before, told]).toEqual([0, ['stored']])
    await w.browser.time.advance(61)
    expect(await w.run(auth.getAccessToken())).not.toBeNull()
    expect(w.house.events.some(({ type }) => type === 'refresh.reused')).toBe(false)
  })

  test('features 29: signing out, revoking and the end of a session leave nothing behind', async () => {
    const w = await testWorld()
    const { kept, part } = slowStorage()
    const first = await w.signedIn({ parts: [part] })
    expect(kept.value).toMatch(/refreshToken/)
    await w.run(first.auth.signOut({ where: 'browser' }))
    await w.browser.time.advance(1)
    expect(kept.value).toBeNull()
    const second = await w.signedIn({ parts: [part] })
    await w.run(second.auth.revoke('refresh_token'))
    await w.browser.time.advance(1)
    expect(kept.value).toBeNull()
  })

  test('a tab that slept while another renewed and closed takes the kept tokens instead of using its own again', async () => {
    const w = await testWorld()
    const { part } = slowStorage()
    const one = await w.signedIn({ parts: [part] })
    const two = await w.open({ parts: [part] })
    await w.run(two.auth.start())
    one.tab.freeze()
    await w.browser.time.advance(61)
    await w.run(two.auth.getAccessToken())
    two.tab.close()
    await w.browser.time.advance(61)
    one.tab.thaw()
    expect(await w.run(one.auth.getAccessToken())).not.toBeNull()
    expect(w.house.events.some(({ type }) => type === 'refresh.reused')).toBe(false)
  })

  test('a storage that fails, or holds what nobody wrote, costs the reload and nothing else', async () => {
    const w = await testWorld()
    const { kept, part } = slowStorage()
    kept.broken = true
    const { auth } = await w.signedIn({ parts: [part] })
    expect(await w.run(auth.getAccessToken())).not.toBeNull()
    kept.broken = false
    for (const value of ['7', '{"family":1}', '{"family":"f","startedAt":1,"tokens":{}}', '[]']) {
      kept.value = value
      const other = await testWorld()
      const opened = await other.open({ parts: [part] })
      expect((await other.run(opened.auth.start())).status).toBe('anonymous')
    }
  })
})
