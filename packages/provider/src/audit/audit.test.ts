import { OAuthError } from '@latchkey/protocol'
import { openKeyControl, type Store } from '@latchkey/provider'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import {
  client,
  expectOAuthError,
  newPerson,
  recordedStore,
  type TestProvider,
  testKeyEncryptionKey,
  testProvider,
  testRuntime,
  testSecrets,
} from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { createAudit } from './audit.ts'

/** What the trail holds, oldest first, once everything was written. */
async function trail({ store, clock }: TestProvider) {
  clock.advance(0.1)
  await new Promise(setImmediate)
  return [...(await store.audit.list({ limit: 1000 }))].reverse()
}
const typesOf = async (idp: TestProvider) => (await trail(idp)).map(({ type }) => type)

const consenting = client({
  client_id: 'consenting',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://c.example/cb'],
  require_consent: true,
  scope: 'openid',
})
const ask =
  '/authorize?client_id=consenting&redirect_uri=https://c.example/cb&response_type=code&scope=openid&state=s&code_challenge_method=S256'
const challenge = '&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

describe('what the audit trail keeps', () => {
  test('issue 4: of tokens it keeps each new family, not its renewals, nor what machines get for themselves', async () => {
    const idp = await testProvider()
    await idp.token('machine', { grant_type: 'client_credentials' })
    const first = await idp.signIn()
    await idp.refresh(first)
    const entries = await trail(idp)
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({ type: 'token.issued', clientId: 'web', sub: 'alice-1' })
    expect(entries[0]?.familyId).toBeTruthy()
    expect(entries[0]?.grantType).toBe('authorization_code')
    await idp.close()
  })

  test('RFC 9700 §4.14.2: reuse of a refresh token stands in it with the family that ended, and so does a revocation', async () => {
    const idp = await testProvider()
    const first = await idp.signIn()
    const second = await idp.refresh(first)
    idp.clock.advance(60)
    await expectOAuthError(idp.refresh(first), 'invalid_grant')
    const other = await idp.signIn()
    await idp.post('/revoke', 'web', { token: other.refresh_token })
    expect(await typesOf(idp)).toEqual(['token.issued', 'refresh.reused', 'token.issued', 'token.revoked'])
    const [issued, reused] = await trail(idp)
    expect(reused?.familyId).toBe(issued?.familyId)
    expect(second.access_token).toBeTruthy()
    await idp.close()
  })

  test('a person’s failure, sign-in, consent, refusal and sign-out stand in it before the person is answered', async () => {
    const idp = await testProvider({ moreClients: [consenting] })
    const stored = async () => (await idp.store.audit.list({ limit: 1 }))[0]
    const person = newPerson(idp.provider)
    const page = await person.open(ask + challenge)
    await person.post(`${page.path}/sign-in`, { username: 'nobody' })
    expect(await stored()).toMatchObject({ type: 'sign-in.failed', clientId: 'consenting', detail: 'wrong name' })
    const consent = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    expect(await stored()).toMatchObject({ type: 'session.started', sub: 'alice-1' })
    await person.submit(consent, { decision: 'allow' })
    const granted = { type: 'consent.granted', sub: 'alice-1', clientId: 'consenting', detail: 'openid' }
    expect(await stored()).toMatchObject(granted)
    const again = await person.open(`${ask}${challenge}&prompt=consent`)
    await person.submit(again, { decision: 'deny' })
    expect(await stored()).toMatchObject({ type: 'authorization.refused', error: 'access_denied' })
    await person.submit(await person.open('/end-session'), {})
    expect(await stored()).toMatchObject({ type: 'session.ended', sub: 'alice-1' })
    await idp.provider.endSubject('alice-1')
    expect(await stored()).toMatchObject({ type: 'subject.ended', sub: 'alice-1' })
    await idp.close()
  })

  test('changes of keys stand in it, from the server and from a command beside it', async () => {
    const idp = await testProvider()
    const kid = await idp.provider.keys.rotate('ES256')
    const { store, runtime } = idp
    const beside = openKeyControl({ store, runtime, keyEncryptionKey: testKeyEncryptionKey })
    idp.clock.advance(1)
    await beside.compromise(String(kid))
    const entries = await trail(idp)
    expect(entries.map(({ type, detail }) => [type, detail])).toEqual([
      ['key.announced', kid],
      ['key.compromised', kid],
    ])
    expect(entries.map(({ requestId }) => requestId)).toEqual(['keys', 'key command'])
    await idp.close()
  })

  test('features 1, 30: no token, code, secret or name that was typed stands in it, at any level', async () => {
    const { store, seen } = recordedStore(createMemoryStore())
    const idp = await testProvider({ store, audit: { level: 'all' } })
    const code = await idp.code()
    const tokens = await idp.token('web', code.form)
    await idp.post('/token', 'web', { ...code.form })
    await idp.post('/introspect', 'web', { token: tokens.access_token })
    const wrong = `Basic ${btoa('web:hunter2hunter2')}`
    await idp.request('/token', { method: 'POST', headers: { authorization: wrong }, body: 'grant_type=password' })
    const person = newPerson(idp.provider)
    const page = await person.open(
      `/authorize?client_id=spa&redirect_uri=https://spa.example.com/cb&response_type=code&scope=openid${challenge}`,
    )
    await person.post(`${page.path}/sign-in`, { username: 'my-password-by-mistake' })
    await trail(idp)
    const written = seen.filter((line) => line.startsWith('append')).join('\n')
    expect(written).toContain('token.refused')
    const codeValue = String((code.form as Record<string, unknown>).code)
    const secrets = [codeValue, tokens.access_token, tokens.refresh_token, 'hunter2', 'by-mistake', testSecrets.web]
    for (const secret of secrets) expect(written).not.toContain(secret)
    await idp.close()
  })

  test('level "off" keeps nothing, "all" keeps renewals too; an unknown one is told of at start', async () => {
    const off = await testProvider({ audit: { level: 'off' } })
    await off.signIn()
    expect(await typesOf(off)).toEqual([])
    const all = await testProvider({ audit: { level: 'all' } })
    await all.refresh(await all.signIn())
    expect((await trail(all)).map(({ grantType }) => grantType)).toEqual(['authorization_code', 'refresh_token'])
    const wrong = { level: 'loud' as never, retention: 0 }
    await expect(testProvider({ audit: wrong })).rejects.toThrow(/audit.level: must be one of(.|\n)*audit.retention/)
    await Promise.all([off.close(), all.close()])
  })

  test('features 12: an entry goes when its retention has passed', async () => {
    const idp = await testProvider({ audit: { retention: 86_400 } })
    await idp.signIn()
    expect(await typesOf(idp)).toEqual(['token.issued'])
    idp.clock.advance(86_400)
    await idp.store.sweep(Math.floor(idp.clock.now()), 1000)
    expect(await typesOf(idp)).toEqual([])
    await idp.close()
  })
})

test('a person waits for entries of their own, not for those of machines', async () => {
  const idp = await testProvider()
  await idp.signIn()
  await newPerson(idp.provider).open('/end-session')
  expect(await idp.store.audit.list({ limit: 9 })).toEqual([])
  expect(await typesOf(idp)).toEqual(['token.issued'])
  await idp.close()
})

describe('when something is in the way', () => {
  /** A store whose trail refuses while `isFull`. */
  function refusing() {
    const store = createMemoryStore()
    const state = { isFull: true, attempts: 0 }
    const audit: Store['audit'] = {
      ...store.audit,
      async append(records) {
        state.attempts++
        if (state.isFull) throw new OAuthError('temporarily_unavailable', 'full', { detail: 'the disk is full' })
        await store.audit.append(records)
      },
    }
    return { store: { ...store, audit }, state }
  }

  test('requests are answered while the trail cannot be written; it is told once, and what was kept follows', async () => {
    const { store, state } = refusing()
    const idp = await testProvider({ store })
    await idp.signIn()
    expect(await typesOf(idp)).toEqual([])
    for (let second = 0; second < 3; second++) {
      idp.clock.advance(1)
      await new Promise(setImmediate)
    }
    await idp.signIn()
    expect(state.attempts).toBeGreaterThan(2)
    const troubles = idp.events.filter(({ type }) => type === 'request.failed')
    expect(troubles).toHaveLength(1)
    expect(troubles[0]?.detail).toContain('full')
    state.isFull = false
    idp.clock.advance(1)
    expect(await typesOf(idp)).toEqual(['token.issued', 'token.issued'])
    await idp.close()
  })

  test('what is beyond ten thousand waiting entries is counted and told of, not kept in memory', async () => {
    const { store, state } = refusing()
    const idp = await testProvider({ store })
    const site = { type: 'client.changed', at: idp.clock.now(), requestId: 'r' } as const
    const audit = createAudit({ store, runtime: idp.runtime, onError: () => {} })
    for (let number = 0; number < 10_005; number++) audit.record(site)
    await audit.settled()
    state.isFull = false
    await audit.settled()
    const entries = await store.audit.list({ limit: 20_000 })
    expect(entries).toHaveLength(10_001)
    expect(entries[0]).toMatchObject({ type: 'audit.left-out', detail: expect.stringContaining('5 entries') })
    expect(entries.map(({ id }) => id)).toEqual([...entries.map(({ id }) => id)].sort().reverse())
    await Promise.all([audit.close(), idp.close()])
  })

  test('whoever floods the token endpoint with wrong secrets does not flood the trail', async () => {
    const runtime = testRuntime({ now: 1_800_000_000 })
    const idp = await testProvider({ runtime })
    const headers = { authorization: `Basic ${btoa('web:wrong')}`, 'content-type': 'application/x-www-form-urlencoded' }
    const attack = () => idp.request('/token', { method: 'POST', headers, body: 'grant_type=client_credentials' })
    for (let number = 0; number < 700; number++) await attack()
    expect(await typesOf(idp)).toHaveLength(600)
    idp.clock.advance(60)
    await attack()
    const [last, note] = [...(await trail(idp))].reverse()
    expect(last).toMatchObject({ type: 'token.refused', error: 'invalid_client', clientId: 'web' })
    expect(note).toMatchObject({ type: 'audit.left-out', detail: expect.stringContaining('100 more refusals') })
    await idp.close()
  })

  test('what was taken in when the provider closes is written', async () => {
    const idp = await testProvider()
    await idp.signIn()
    expect(await idp.store.audit.list({ limit: 9 })).toEqual([])
    await idp.close()
    expect(await idp.store.audit.list({ limit: 9 })).toHaveLength(1)
  })
})
