import { client, expectOAuthError, testApi, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory-store.ts'

const lifetimes = { refresh_token_idle: 1000, refresh_token_absolute: 2500, refresh_token_grace: 30 }

describe('the refresh_token grant', () => {
  test('RFC 9700 §4.14.2: each refresh brings a new refresh token and a new access token', async () => {
    const { signIn, refresh } = await testProvider()
    const first = await signIn()
    const second = await refresh(first)
    const third = await refresh(second)
    expect(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size).toBe(3)
    expect(new Set([first, second, third].map((tokens) => tokens.access_token)).size).toBe(3)
  })

  test('features 15: a client that lost the answer asks again within the grace and goes on', async () => {
    const { signIn, refresh, clock } = await testProvider()
    const first = await signIn()
    await refresh(first)
    clock.advance(29)
    const again = await refresh(first)
    const next = await refresh(again)
    expect(next.access_token).toBeTruthy()
  })

  test('features 16: the grace gives the same successor again, never a second one', async () => {
    const { signIn, refresh } = await testProvider()
    const first = await signIn()
    const lost = await refresh(first)
    const again = await refresh(first)
    expect(again.refresh_token).toBe(lost.refresh_token)
    expect(again.access_token).not.toBe(lost.access_token)
  })

  test('RFC 9700 §4.14.2: a refresh token used twice after its grace ends the whole session', async () => {
    const { signIn, refresh, clock, events } = await testProvider()
    const first = await signIn()
    const second = await refresh(first)
    clock.advance(60)
    await expectOAuthError(refresh(first), 'invalid_grant')
    await expectOAuthError(refresh(second), 'invalid_grant')
    expect(events.filter((event) => event.type === 'refresh.reused')).toMatchObject([{ clientId: 'web' }])
    // Whoever counts refused renewals in the log finds whose they were.
    const refused = { clientId: 'web', grantType: 'refresh_token', error: 'invalid_grant' }
    expect(events.filter((event) => event.type === 'token.refused')).toMatchObject([refused, refused])
  })

  test('features 5: a token presented again after its successor was used is reuse, even within the grace', async () => {
    const { signIn, refresh } = await testProvider()
    const first = await signIn()
    const third = await refresh(await refresh(first))
    await expectOAuthError(refresh(first), 'invalid_grant')
    await expectOAuthError(refresh(third), 'invalid_grant')
  })

  test('features 14: eight concurrent refreshes at two nodes make one successor', async () => {
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    const nodes = [await testProvider({ store, runtime }), await testProvider({ store, runtime })] as const
    const first = await nodes[0].signIn()
    const tries = Array.from({ length: 8 }, (_, n) => nodes[n % 2 === 0 ? 0 : 1].refresh(first))
    const answers = await Promise.all(tries)
    expect(new Set(answers.map((tokens) => tokens.refresh_token)).size).toBe(1)
    expect(new Set(answers.map((tokens) => tokens.access_token)).size).toBe(8)
  })

  test('features 5: a refresh token that rests longer than its idle lifetime has expired', async () => {
    const { signIn, refresh, clock } = await testProvider({ lifetimes })
    const first = await signIn()
    clock.advance(999)
    const second = await refresh(first)
    clock.advance(1000)
    await expectOAuthError(refresh(second), 'invalid_grant')
  })

  test('features 5: refreshing never outlives the absolute lifetime', async () => {
    const { signIn, refresh, clock } = await testProvider({ lifetimes })
    let tokens = await signIn()
    for (let round = 0; round < 3; round++) {
      clock.advance(800)
      tokens = await refresh(tokens)
    }
    clock.advance(100)
    await expectOAuthError(refresh(tokens), 'invalid_grant')
  })

  test('RFC 6749 §6: the scope may be narrowed for one access token; the next has it all again', async () => {
    const { signIn, refresh } = await testProvider()
    const first = await signIn({ scope: 'openid profile email' })
    const narrowed = await refresh(first, { scope: 'openid email' })
    expect(narrowed.scope).toBe('openid email')
    expect((await refresh(narrowed)).scope).toBe('openid profile email')
  })

  test('RFC 6749 §6: a scope that was not granted is refused', async () => {
    const { signIn, refresh } = await testProvider()
    const first = await signIn({ scope: 'openid' })
    await expectOAuthError(refresh(first, { scope: 'openid email' }), 'invalid_scope')
  })

  test('features 8: a scope taken from the client since the grant is gone from the next token', async () => {
    const store = createMemoryStore()
    const redirect_uris = ['https://app.example.com/cb']
    const web = { client_id: 'web', grant_types: ['authorization_code', 'refresh_token'], redirect_uris }
    const before = await testProvider({ store, clients: [client(web)] })
    const first = await before.signIn({ scope: 'openid email' })
    const after = await testProvider({ store, clients: [client({ ...web, scope: 'openid' })] })
    expect((await after.refresh(first)).scope).toBe('openid')
  })

  test("RFC 6749 §10.4: another client's refresh token is refused and stays usable for its own", async () => {
    const { signIn, refresh, token } = await testProvider()
    const first = await signIn({ client: 'web' })
    const { refresh_token } = first
    await expectOAuthError(token('spa', { grant_type: 'refresh_token', refresh_token }), 'invalid_grant')
    expect((await refresh(first)).access_token).toBeTruthy()
  })

  test('RFC 8707 §2.2: an API stays chosen from refresh to refresh', async () => {
    const { signIn, refresh } = await testProvider()
    const first = await signIn({ resource: testApi, scope: 'openid read:messages' })
    const second = await refresh(first, { audience: testApi })
    expect(second).toMatchObject({ scope: 'openid read:messages', access_token: expect.stringContaining('.') })
    await expectOAuthError(refresh(second, { resource: 'https://opaque.example.com' }), 'invalid_target')
  })

  test('a client that waits for offline_access gets a refresh token with that scope only', async () => {
    const waiting = client({
      client_id: 'waiting',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://w.test/cb'],
      token_endpoint_auth_method: 'none',
      refresh_token_requires_offline_access: true,
    })
    const { signIn } = await testProvider({ moreClients: [waiting] })
    expect((await signIn({ client: 'waiting', scope: 'openid' })).refresh_token).toBeUndefined()
    expect((await signIn({ client: 'waiting', scope: 'openid offline_access' })).refresh_token).toBeTruthy()
  })

  test('a client that is not registered for the grant gets no refresh token and may not present one', async () => {
    const plain = client({
      client_id: 'plain',
      redirect_uris: ['https://p.test/cb'],
      token_endpoint_auth_method: 'none',
    })
    const { signIn, token } = await testProvider({ moreClients: [plain] })
    expect((await signIn({ client: 'plain' })).refresh_token).toBeUndefined()
    const form = { grant_type: 'refresh_token', refresh_token: 'anything' }
    await expectOAuthError(token('plain', form), 'unauthorized_client')
  })

  test('a person whose account is gone is not refreshed', async () => {
    const store = createMemoryStore()
    const before = await testProvider({ store })
    const first = await before.signIn()
    const after = await testProvider({ store, people: [] })
    await expectOAuthError(after.refresh(first), 'invalid_grant')
  })
})
