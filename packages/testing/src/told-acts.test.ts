import type { Store } from '@latchkey/provider'
import { expect, test } from 'vitest'
import { newPerson } from './person.ts'
import { testApi, testOpaqueApi } from './test-clients.ts'
import { type TestProvider, testProvider } from './test-provider.ts'
import { onSharedPlaces } from './test-shared-places.ts'

const told = [
  'client.changed',
  'client.deleted',
  'client.registered',
  'client.secret-renewed',
  'consent.withdrawn',
  'session.ended',
  'session.started',
  'subject.deleted',
  'subject.ended',
  'token.revoked',
]

/** Every act that the provider has told of, and whether its entries were written in its own transaction. */
function watched(store: Store, seen: [string, boolean][]): Store {
  const along: Store['audit']['along'] = async (act, entriesOf) => {
    const told = await store.audit.along(act, entriesOf)
    for (const { type } of entriesOf(told.result)) seen.push([type, told.isWritten])
    return told
  }
  return { ...store, audit: { ...store.audit, along } }
}

/** A client that registers itself, takes another secret, and leaves. */
async function register({ provider, issuer }: TestProvider): Promise<void> {
  const send = async (url: string, method: string, { body, token }: { body?: object; token?: string }) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await provider.fetch(new Request(url, { method, headers, ...sent }))
    return (answer.status === 204 ? {} : await answer.json()) as Record<string, string>
  }
  const metadata = { redirect_uris: ['https://app.example.com/cb'], client_name: 'Acme' }
  const made = await send(`${issuer}/register`, 'POST', { body: metadata })
  const { registration_client_uri: uri = '', registration_access_token: token = '', client_id } = made
  await send(`${uri}?rotate=client_secret`, 'PUT', { body: { ...metadata, client_id, client_name: 'New' }, token })
  await send(uri, 'DELETE', { token })
}

async function live({ provider, post, signIn }: TestProvider): Promise<void> {
  for (const [resource, scope] of [
    [testApi, 'openid read:messages'],
    [testOpaqueApi, 'openid read:notes'],
  ] as const) {
    const tokens = await signIn({ resource, scope })
    await post('/revoke', tokens.clientId, { token: tokens.access_token })
    await post('/revoke', tokens.clientId, { token: tokens.refresh_token })
  }
  await signIn({ username: 'alice' })
  await provider.people.withdrawAccess('alice-1', 'web')
  const person = newPerson(provider)
  const enter = async (username: string) => {
    const page = await person.open('/account')
    await person.post(`${page.path}/sign-in`, { username })
  }
  await enter('alice')
  await person.submit(await person.open('/end-session'), {})
  await enter('alice')
  await provider.people.endSessions('alice-1', { except: 'none' })
  await provider.endSubject('alice-1')
  await provider.deleteSubject('alice-1')
}

onSharedPlaces((place) => {
  test('issue 4: whatever is allowed or taken back stands with its entry in one transaction', async () => {
    const seen: [string, boolean][] = []
    const store = watched(place.open().store, seen)
    const kit = place.closing(await testProvider({ store, registration: { mode: 'open' } }))
    await live(kit)
    await register(kit)
    expect(seen.filter(([, isWritten]) => !isWritten)).toEqual([])
    expect([...new Set(seen.map(([type]) => type))].sort()).toEqual(told)
  })
})
