import { createHmac } from 'node:crypto'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import { client, clientAssertion, recordedStore, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { createClientRegistry } from '../client-registry.ts'
import { createClientSecrets, isClientSecret } from './client-secrets.ts'

/** Signs as a client does with its secret. */
function secretKey(secret: string) {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return {
    async sign(payload: object, header: object = {}) {
      const input = `${part({ alg: 'HS256', ...header })}.${part(payload)}`
      return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
    },
  }
}

const secret = 'a secret of at least thirty-two bytes'
const signer = client({
  client_id: 'signer',
  client_secret: secret,
  token_endpoint_auth_method: 'client_secret_jwt',
  grant_types: ['client_credentials'],
  scope: 'jobs:run',
})

describe('client_secret_jwt', () => {
  async function asking() {
    const kit = await testProvider({ moreClients: [signer] })
    const about = { clientId: 'signer', audience: kit.issuer, now: kit.clock.now() }
    const send = async (form: object) => {
      const body = new URLSearchParams({ grant_type: 'client_credentials', ...form })
      return (await kit.request('/token', { method: 'POST', body })).status
    }
    return { ...kit, about, send }
  }

  test('OIDC Core §9: an assertion that is keyed with the secret is accepted, once', async () => {
    const { about, send } = await asking()
    const form = await clientAssertion(secretKey(secret), about)
    expect(await send(form)).toBe(200)
    expect(await send(form)).toBe(401)
  })

  test('another secret, another algorithm, or the secret itself is refused', async () => {
    const { about, send } = await asking()
    expect(await send(await clientAssertion(secretKey('another secret of thirty-two bytes.'), about))).toBe(401)
    const none = await clientAssertion(secretKey(secret), about, { header: { alg: 'none' } })
    expect(await send(none)).toBe(401)
    expect(await send({ client_id: 'signer', client_secret: secret })).toBe(401)
  })
})

describe('two secrets of one client', () => {
  const made = client({ client_id: 'made', redirect_uris: ['https://a.test/cb'] })

  function registry() {
    const runtime = testRuntime()
    const { store, seen } = recordedStore(createMemoryStore())
    const secrets = createClientSecrets(new Uint8Array(32).fill(3), runtime)
    const clients = createClientRegistry({ configured: [], store, secrets, runtime, tellOf: (act) => act() })
    const counts = async (text: string | null) => {
      const found = await clients.find('made')
      return found !== null && text !== null && isClientSecret(found, text, runtime.now())
    }
    return { clients, secrets, seen, counts, clock: runtime.clock }
  }

  test('the one before stays valid for the time that was said, and no longer', async () => {
    const { clients, counts, clock } = registry()
    const created = await clients.create(made)
    const first = created.outcome === 'created' ? created.secret : null
    const renewed = await clients.renewSecret('made', 1, { previousSeconds: 3600 })
    const second = renewed.outcome === 'renewed' ? renewed.secret : null
    expect([await counts(first), await counts(second)]).toEqual([true, true])
    clock.advance(3601)
    expect([await counts(first), await counts(second)]).toEqual([false, true])
  })

  test('a third secret ends the first, and one without overlap ends the one before at once', async () => {
    const { clients, counts } = registry()
    const created = await clients.create(made)
    const first = created.outcome === 'created' ? created.secret : null
    const renewed = await clients.renewSecret('made', 1, { previousSeconds: 3600 })
    const second = renewed.outcome === 'renewed' ? renewed.secret : null
    await clients.renewSecret('made', 2, { previousSeconds: 3600 })
    expect([await counts(first), await counts(second)]).toEqual([false, true])
    await clients.renewSecret('made', 3)
    expect(await counts(second)).toBe(false)
  })

  test('features 1: a secret that signs is kept sealed, opens again, and its text goes with the method', async () => {
    const { clients, secrets, seen, clock } = registry()
    const created = await clients.create({ ...made, token_endpoint_auth_method: 'client_secret_jwt' })
    const first = created.outcome === 'created' ? created.secret : null
    const renewed = await clients.renewSecret('made', 1, { previousSeconds: 3600 })
    const second = renewed.outcome === 'renewed' ? renewed.secret : null
    expect(seen.join()).not.toContain(first)
    expect(seen.join()).not.toContain(second)
    const found = await clients.find('made')
    expect(found === null ? [] : secrets.open(found, clock.now())).toEqual([second, first])
    await clients.update(made, 2)
    const after = await clients.find('made')
    expect(after?.sealedSecret).toBeUndefined()
    expect(after?.previousSecret).not.toHaveProperty('sealed')
    await clients.update({ ...made, token_endpoint_auth_method: 'none' }, 3)
    expect(await clients.find('made')).toMatchObject({ secretHashes: [] })
  })
})
