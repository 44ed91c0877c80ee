import { setImmediate } from 'node:timers/promises'
import { testProvider, testResources, testRuntime } from '@latchkey/testing'
import { decodeProtectedHeader } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { createMemoryStore } from '../store/memory-store.ts'
import type { KeyVault } from './key-encryption.ts'

const keySchedule = { rotate: 86_400, announce: 3600, keep: 7200 }
const lifetimes = { session: 600 }
const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]

async function open(options: Parameters<typeof testProvider>[0] = {}) {
  const kit = await testProvider({ keySchedule, lifetimes, ...options })
  const es256 = async () => (await kit.provider.keys.list()).filter(({ alg }) => alg === 'ES256')
  const states = async () => (await es256()).map(({ state }) => state)
  const published = async () => {
    const { keys } = (await (await kit.request('/jwks')).json()) as { keys: { kid: string }[] }
    return keys.map(({ kid }) => kid)
  }
  const signer = async () => {
    const { access_token } = await kit.signIn({ resource: testResources[0]?.identifier ?? '' })
    return decodeProtectedHeader(access_token).kid
  }
  const later = async (seconds: number, wanted: readonly string[]) => {
    kit.clock.advance(seconds)
    for (let n = 0; n < 5; n++) await setImmediate()
    await vi.waitFor(async () => expect(await states()).toEqual(wanted), { timeout: 5000 })
  }
  return { ...kit, es256, states, published, signer, later }
}

describe('a signing key', () => {
  test('is announced, signs, retires and is dropped by itself', async () => {
    const { later, signer, es256, published, events } = await open()
    const first = await signer()
    await later(86_400 - 3600 - 20, ['signing'])
    await later(40, ['signing', 'announced'])
    const second = (await es256())[1]?.kid
    expect(await published()).toEqual(expect.arrayContaining([first, second]))
    expect(await signer()).toBe(first)
    await later(3600, ['retired', 'signing'])
    expect(await signer()).toBe(second)
    expect(await published()).toContain(first)
    await later(7300, ['signing'])
    expect(await published()).not.toContain(first)
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['key.announced', 'key.dropped']))
  })

  test('is followed sooner when told to, and announced once however often', async () => {
    const { provider, states, signer, later } = await open()
    const first = await signer()
    const followers = [await provider.keys.rotate('ES256'), await provider.keys.rotate('ES256')]
    expect(followers[0]).toEqual(followers[1])
    expect(await states()).toEqual(['signing', 'announced'])
    expect(await signer()).toBe(first)
    await later(3601, ['retired', 'signing'])
    expect(await signer()).toBe(followers[0])
    expect(await provider.keys.rotate('PS256')).toBeNull()
  })

  test('that is compromised leaves at once, whatever its state, and another signs', async () => {
    const { provider, es256, signer, published } = await open()
    await provider.keys.rotate('ES256')
    const [first, announced] = (await es256()).map(({ kid }) => kid)
    await provider.keys.compromise(String(announced))
    expect(await es256()).toMatchObject([{ kid: first, state: 'signing', retiresAt: null, dropsAt: null }])
    await provider.keys.rotate('ES256')
    const heir = (await es256())[1]?.kid
    await provider.keys.compromise(String(first))
    expect(await signer()).toBe(heir)
    await provider.keys.compromise(String(heir))
    const last = await signer()
    expect([first, announced, heir]).not.toContain(last)
    expect(await published()).toEqual(expect.arrayContaining([last]))
    expect(await published()).toHaveLength(2)
  })
})

describe('key-encryption keys', () => {
  test('several may stand together: all open, the first seals, and what an older one sealed is sealed again', async () => {
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    await (await open({ store, runtime, keyEncryptionKey: one })).close()
    const before = await store.keys.list()
    const kit = await open({ store, runtime, keyEncryptionKey: [two, one] })
    runtime.clock.advance(20)
    await vi.waitFor(async () => {
      const now = await store.keys.list()
      expect(now.every((key, index) => key.sealedPrivateJwk !== before[index]?.sealedPrivateJwk)).toBe(true)
    })
    await kit.close()
    await (await open({ store, runtime, keyEncryptionKey: two })).close()
    await expect(open({ store, runtime, keyEncryptionKey: one })).rejects.toThrow('another key')
  })

  test('a key management service may stand in their place', async () => {
    const sealed = new Map<string, string>()
    const vault: KeyVault = {
      async seal(plain, context) {
        const name = `kms:${sealed.size}:${context}`
        sealed.set(name, plain)
        return name
      },
      open: async (name, context) => {
        const plain = name.endsWith(context) ? sealed.get(name) : undefined
        return plain === undefined ? null : { plain, current: true }
      },
    }
    const { signer, store } = await open({ keyEncryptionKey: vault })
    expect(await signer()).toEqual(expect.any(String))
    for (const key of await store.keys.list()) expect(key.sealedPrivateJwk).toMatch(/^kms:/)
  })

  test.each([
    [{ keyEncryptionKey: [] }, 'at least one key'],
    [{ keyEncryptionKey: [one, new Uint8Array(5)] }, 'keyEncryptionKey[1]: must be 32 bytes, not 5'],
    [{ keySchedule: { announce: 60 } }, 'keySchedule.announce: 60 is too short'],
    [{ keySchedule: { rotate: 600, announce: 600 } }, 'keySchedule.rotate: 600 must be longer'],
    [{ keySchedule: { keep: 60 } }, 'keySchedule.keep: 60 is too short'],
    [{ keySchedule: { rotate: 1.5e9, announce: 400.5 } }, 'keySchedule.announce: must be a whole number'],
  ])('%# what cannot work is refused at start: %s', async (options, says) => {
    await expect(testProvider(options)).rejects.toThrow(says)
  })
})
