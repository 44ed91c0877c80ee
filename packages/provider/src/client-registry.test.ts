import { client, recordedStore, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { createClientSecrets } from './client-auth/client-secrets.ts'
import { createClientRegistry, newClientId } from './client-registry.ts'
import { createMemoryStore } from './store/memory-store.ts'

const configured = client({
  client_id: 'web',
  client_secret: 'a secret of the file',
  redirect_uris: ['https://a.test/cb'],
})
const made = client({ client_id: 'made', client_name: 'Made Here', redirect_uris: ['https://b.test/cb'] })

function registry() {
  const runtime = testRuntime()
  const { store, seen } = recordedStore(createMemoryStore())
  const secrets = createClientSecrets(new Uint8Array(32), runtime)
  const create = () =>
    createClientRegistry({ configured: [configured], store, secrets, runtime, tellOf: (act) => act() })
  return { clients: create(), another: create(), seen, clock: runtime.clock, runtime }
}

describe('the client registry', () => {
  test('features 1: no secret is kept in the clear, neither of the configuration nor of a client made here', async () => {
    const { clients, seen } = registry()
    const created = await clients.create(made)
    const secret = created.outcome === 'created' ? created.secret : null
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(seen.join()).not.toContain(secret)
    const known = JSON.stringify([await clients.find('made'), await clients.find('web')])
    expect(known).not.toContain(secret)
    expect(known).not.toContain('a secret of the file')
  })

  test('features 2: generated client ids have 128 random bits and nothing to count', () => {
    const { runtime } = registry()
    const ids = Array.from({ length: 100 }, () => newClientId(runtime))
    expect(new Set(ids.map((id) => id.slice(0, 8))).size).toBe(100)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
  })

  test('a client of the configuration cannot be changed or taken over through the store', async () => {
    const { clients } = registry()
    expect(await clients.create(client({ ...made, client_id: 'web' }))).toEqual({ outcome: 'exists' })
    expect(await clients.update(configured, 1)).toBe('configured')
    expect(await clients.renewSecret('web', 1)).toEqual({ outcome: 'configured' })
    expect(await clients.delete('web')).toBe('configured')
  })

  test('of two changes to the same version the second is stale', async () => {
    const { clients, another } = registry()
    await clients.create(made)
    expect(await clients.update({ ...made, client_name: 'First' }, 1)).toBe('updated')
    expect(await another.update({ ...made, client_name: 'Second' }, 1)).toBe('stale')
    expect((await clients.find('made'))?.metadata.client_name).toBe('First')
  })

  test('a renewed secret takes the place of the old one', async () => {
    const { clients } = registry()
    await clients.create(made)
    const before = (await clients.find('made'))?.secretHashes
    const renewed = await clients.renewSecret('made', 1)
    const after = await clients.find('made')
    expect(renewed.outcome).toBe('renewed')
    expect(after?.secretHashes).toHaveLength(1)
    expect(after?.secretHashes).not.toEqual(before)
    expect(after?.version).toBe(2)
  })

  test('both kinds are listed together, in order, page by page, and found by name in any letter case', async () => {
    const { clients } = registry()
    for (const id of ['alpha', 'zulu']) await clients.create(client({ ...made, client_id: id }))
    const ids = async (query: { search?: string; after?: string; limit: number }) =>
      (await clients.list(query)).map((found) => found.metadata.client_id)
    expect(await ids({ limit: 2 })).toEqual(['alpha', 'web'])
    expect(await ids({ limit: 2, after: 'web' })).toEqual(['zulu'])
    expect(await ids({ limit: 9, search: 'mADE' })).toEqual(['alpha', 'zulu'])
  })

  test('an origin is known as soon as a client here has it, and within seconds when another node made it', async () => {
    const { clients, another, clock } = registry()
    expect(await clients.isClientOrigin('https://a.test')).toBe(true)
    expect(await clients.isClientOrigin('https://b.test')).toBe(false)
    expect(await another.isClientOrigin('https://b.test')).toBe(false)
    await another.create(made)
    expect(await another.isClientOrigin('https://b.test')).toBe(true)
    expect(await clients.isClientOrigin('https://b.test')).toBe(false)
    clock.advance(11)
    expect(await clients.isClientOrigin('https://b.test')).toBe(true)
  })

  test('however many ask for foreign origins, the store is read once in ten seconds', async () => {
    const { clients, seen } = registry()
    await Promise.all(Array.from({ length: 50 }, (_, n) => clients.isClientOrigin(`https://evil${n}.test`)))
    expect(seen.filter((call) => call.startsWith('list'))).toHaveLength(1)
  })
})
