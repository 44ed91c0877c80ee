import { ConfigError } from '@latchkey/protocol'
import { describe, expect, test } from 'vitest'
import { createAuthSet, loadAuthSet } from './configurations.ts'
import { inertPlatform } from './platform/inert-platform.ts'

const one = { issuer: 'https://id.example.com', clientId: 'one', secureRoutes: ['/api', 'https://api.example.com/v1'] }
const two = {
  issuer: 'https://login.example.org',
  clientId: 'two',
  secureRoutes: ['/api/two', 'https://api.example.com'],
}

describe('several configurations at once', () => {
  test('a request belongs to the one whose row is the most specific, wherever it stands in the list', () => {
    for (const configs of [
      [one, two],
      [two, one],
    ]) {
      const set = createAuthSet(configs, inertPlatform)
      const owner = (url: string) => set.forUrl(url)?.config.clientId
      expect(
        ['/api/x', '/api/two/x', 'https://api.example.com/v1/x', 'https://api.example.com/v2', '/other'].map(owner),
      ).toEqual(['one', 'two', 'one', 'two', undefined])
    }
  })

  test('each is found by its name, and an unknown name says which there are', () => {
    const set = createAuthSet([one, { ...two, configId: 'partner' }], inertPlatform)
    expect([set.get().config.clientId, set.get('partner').config.clientId]).toEqual(['one', 'two'])
    expect(() => set.get('nobody')).toThrow('"default", "partner"')
  })

  test('every problem of every configuration is told at once', () => {
    const make = () =>
      createAuthSet(
        [
          { ...one, clientId: '' },
          { ...two, issuer: 'http://x' },
          { ...one, configId: 'default' },
        ],
        inertPlatform,
      )
    expect(make).toThrow(ConfigError)
    for (const word of ['clientId', 'https', 'used twice']) expect(make).toThrow(word)
    expect(() => createAuthSet([], inertPlatform)).toThrow('at least one')
  })

  test('they come from wherever they come: given, made, promised or fetched', async () => {
    const answering = (answer: () => Response) => ({
      ...inertPlatform,
      runtime: { ...inertPlatform.runtime, fetch: async () => answer() },
    })
    const names = async (...asked: Parameters<typeof loadAuthSet>) =>
      (await loadAuthSet(...asked)).all.map(({ config }) => config.clientId)
    expect(await names(one, inertPlatform)).toEqual(['one'])
    expect(await names([one, two], inertPlatform)).toEqual(['one', 'two'])
    expect(await names(async () => two, inertPlatform)).toEqual(['two'])
    expect(
      await names(
        { url: '/config.json' },
        answering(() => Response.json([one, two])),
      ),
    ).toEqual(['one', 'two'])
    const toConfig = (answer: unknown) => ({ ...one, clientId: (answer as { id: string }).id })
    expect(
      await names(
        { url: '/c', toConfig },
        answering(() => Response.json({ id: 'mapped' })),
      ),
    ).toEqual(['mapped'])
    const failed = loadAuthSet(
      { url: '/c' },
      answering(() => new Response('', { status: 503 })),
    )
    await expect(failed).rejects.toMatchObject({ code: 'unreachable', retryable: true })
  })
})
