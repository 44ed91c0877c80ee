import { readFile } from 'node:fs/promises'
import { createContext, runInContext } from 'node:vm'
import { client, testProvider, testRuntime } from '@latchkey/testing'
import { expect, test } from 'vitest'
import { createAuth } from './index.ts'
import type { Platform } from './platform/platform.ts'
import { appClient, appOrigin, openWorld } from './simulated/simulated-world.ts'

const openProvider = (now: () => number) =>
  testProvider({ runtime: { ...testRuntime(), now }, moreClients: [client({ ...appClient })] })
const fileOf = (name: string) => readFile(new URL(`../static/${name}`, import.meta.url), 'utf8')

test('the static page posts its address to its own origin only, and nothing when it stands alone', async () => {
  const script = await fileOf('silent-callback.js')
  const posted: unknown[] = []
  const location = { href: `${appOrigin}/silent-callback.html?code=c&state=s`, origin: appOrigin }
  const framed = { location, parent: { postMessage: (...message: unknown[]) => posted.push(message) } }
  runInContext(script, createContext({ window: framed }))
  expect(posted).toEqual([[{ type: 'latchkey:silent-callback', url: location.href }, appOrigin]])
  const alone: { location: typeof location; parent?: unknown } = { location }
  alone.parent = alone
  runInContext(script, createContext({ window: alone }))
  expect(posted).toHaveLength(1)
})

test('the static page works under a strict content security policy and sends no referrer', async () => {
  const page = await fileOf('silent-callback.html')
  expect(page).toMatch(/<script src="silent-callback\.js"><\/script>/)
  expect(page).not.toMatch(/<script>|<style|\son\w+=|style=/)
  expect(page.indexOf('no-referrer')).toBeLessThan(page.indexOf('<script'))
})

test('features 25: messages that do not answer our own request are ignored', async () => {
  const w = await openWorld({ seed: 1, openProvider })
  await w.signedIn().then(({ tab }) => tab.close())
  const { tab } = await w.open()
  const platform = await w.run(tab.page())
  const forged = [
    'text',
    null,
    { type: 'other', url: `${appOrigin}/silent-callback.html?code=c&state=s` },
    { type: 'latchkey:silent-callback', url: 7 },
    { type: 'latchkey:silent-callback', url: 'no address' },
    { type: 'latchkey:silent-callback', url: `https://evil.test/silent-callback.html?code=c&state=s` },
    { type: 'latchkey:silent-callback', url: `${appOrigin}/other.html?code=c&state=s` },
  ]
  const noisy: Platform = {
    ...platform,
    openFrame(url, listener) {
      for (const message of forged) listener.message(message)
      return platform.openFrame?.(url, listener) ?? (() => undefined)
    },
  }
  expect((await w.run(createAuth(w.config, noisy).start())).status).toBe('authenticated')
})

test('features 25: an answer with a foreign state is refused', async () => {
  const w = await openWorld({ seed: 1, openProvider })
  const { tab } = await w.open()
  const platform = await w.run(tab.page())
  const query = new URLSearchParams({ code: 'c', state: 'foreign', iss: w.house.issuer })
  const forging: Platform = {
    ...platform,
    openFrame(_url, listener) {
      void Promise.resolve().then(() =>
        listener.message({ type: 'latchkey:silent-callback', url: `${appOrigin}/silent-callback.html?${query}` }),
      )
      return () => undefined
    },
  }
  await expect(w.run(createAuth(w.config, forging).start())).rejects.toMatchObject({ code: 'state_mismatch' })
  expect(w.tokenRequests).toEqual([])
})

test('an app that answers for the static page hands the answer on and does nothing else', async () => {
  const w = await openWorld({ seed: 1, openProvider })
  const { tab } = await w.open({}, '/silent-callback.html?code=c&state=s')
  const relayed: unknown[] = []
  const platform = await w.run(tab.page())
  const framed: Platform = {
    ...platform,
    page: { ...platform.page, relayToParent: (message) => relayed.push(message) > 0 },
  }
  expect(await w.run(createAuth(w.config, framed).start())).toEqual({ status: 'unknown' })
  expect(relayed).toEqual([
    { type: 'latchkey:silent-callback', url: `${appOrigin}/silent-callback.html?code=c&state=s` },
  ])
  expect(w.tokenRequests).toEqual([])
})
