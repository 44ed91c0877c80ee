import { createMemoryStore } from '@latchkey/provider/memory-store'
import { client, listen, newPerson, testProvider } from '@latchkey/testing'
import { decodeJwt } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { ask, setUp } from './test-account.ts'

/** Two applications that want to be told of logout, and what they were told. */
async function twoListeners() {
  const told: { clientId: string; sid: unknown; sub: unknown }[] = []
  const served = await listen(async (request) => {
    const claims = decodeJwt(new URLSearchParams(await request.text()).get('logout_token') ?? '')
    told.push({ clientId: String(claims.aud), sid: claims.sid, sub: claims.sub })
    return new Response(null, { status: 200 })
  })
  const application = (id: string) =>
    client({
      client_id: id,
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://notes.example/cb'],
      grant_types: ['authorization_code', 'refresh_token'],
      backchannel_logout_uri: `${served.origin}/${id}`,
    })
  const kit = await setUp({ issuer: 'http://127.0.0.1:8000', moreClients: [application('one'), application('two')] })
  return { ...kit, told, close: () => Promise.all([served.close(), kit.close()]) }
}

describe('Back-Channel Logout §2.5', () => {
  test('whoever withdraws access has that application told, and no other', async () => {
    const { connect, provider, told, close } = await twoListeners()
    await connect({ clientId: 'one' })
    await connect({ clientId: 'two' })
    expect(await provider.people.withdrawAccess('alice-1', 'two')).toBe(true)
    await vi.waitFor(() => expect(told).toHaveLength(1))
    expect(told[0]).toMatchObject({ clientId: 'two', sub: 'alice-1' })
    expect(await provider.people.withdrawAccess('alice-1', 'two')).toBe(false)
    await close()
  })

  test('a session that is ended from elsewhere has its applications told, as signing out does', async () => {
    const { connect, provider, told, close, store } = await twoListeners()
    const other = newPerson(provider)
    await connect({ clientId: 'one' })
    await connect({ clientId: 'two', who: other })
    const sessions = await provider.people.sessionsOf('alice-1')
    const here = sessions.find(({ applications }) => applications.includes('one'))?.sid ?? ''
    expect(await provider.people.endSessions('alice-1', { except: here }, { actor: 'root-1' })).toBe(1)
    await vi.waitFor(() => expect(told).toHaveLength(1))
    expect(told[0]).toMatchObject({ clientId: 'two' })
    expect(told[0]?.sid).not.toBe(here)
    const [entry] = await store.audit.list({ type: 'session.ended', limit: 1 })
    expect(entry).toMatchObject({ sub: 'alice-1', actor: 'root-1' })
    await close()
  })
})

describe('RFC 9700 §4.14: access withdrawn in the midst of a sign-in', () => {
  test('a code that is written after the consent went does not leave the provider, and is worth nothing', async () => {
    const store = createMemoryStore()
    const { create } = store.codes
    const hashes: Parameters<typeof create>[0][] = []
    store.codes.create = async (record) => {
      if (hashes.length > 0) await store.consents.withdraw('alice-1', 'notes', 1)
      hashes.push(record)
      return create(record)
    }
    const { person, connect } = await setUp({ store })
    await connect()
    const { leftTo } = await person.open(ask('notes'))
    expect(leftTo?.searchParams.get('error')).toBe('access_denied')
    expect(leftTo?.searchParams.has('code')).toBe(false)
    const late = hashes.at(-1)
    expect(late).toBeDefined()
    expect((await store.families.find(late?.grounds.familyId ?? ''))?.revokedAt).not.toBeNull()
    expect((await person.open(ask('notes'))).text).toContain('asks for access')
  })

  test('a metadata document that cannot be read now is listed by its address', async () => {
    const idp = await testProvider({
      clientIdMetadataDocuments: true,
      outbound: { send: () => Promise.reject(new Error('away')) },
    })
    const clientId = 'https://app.example/client.json'
    await idp.store.consents.grant('alice-1', clientId, { permissions: ['@'] }, 1_700_000_000)
    expect(await idp.provider.people.accessOf('alice-1')).toMatchObject([{ clientId, name: clientId, client: null }])
    await idp.close()
  })
})
