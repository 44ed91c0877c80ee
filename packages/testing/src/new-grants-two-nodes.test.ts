import { expect, test } from 'vitest'
import { newPerson } from './person.ts'
import { client, testApi } from './test-clients.ts'
import { expectOAuthError, type TestProvider } from './test-provider.ts'
import { onSharedPlaces, type SharedPlace } from './test-shared-places.ts'

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'
const cibaGrant = 'urn:openid:params:grant-type:ciba'
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange'
const moreClients = [
  client({ client_id: 'tv', token_endpoint_auth_method: 'none', grant_types: [deviceGrant, 'refresh_token'] }),
  client({
    client_id: 'backend',
    client_secret: 'backend-secret-backend-secret',
    grant_types: [exchangeGrant],
    resources: [testApi],
  }),
  client({ client_id: 'till', client_secret: 'till-secret-till-secret-till', grant_types: [cibaGrant] }),
  client({
    client_id: 'pushing',
    client_secret: 'pushing-secret-pushing-secret',
    redirect_uris: ['https://pushing.example.com/cb'],
    require_consent: false,
  }),
]

const twoNodes = async (place: SharedPlace) =>
  (await place.nodes(2, { moreClients, ciba: { notify() {} } })) as unknown as readonly [TestProvider, TestProvider]

onSharedPlaces((place) => {
  test('RFC 8628 §3.5: a device that polls two nodes gets its tokens from exactly one of them, once', async () => {
    const [first, second] = await twoNodes(place)
    const begun = await (await first.post('/device_authorization', 'tv', { scope: 'openid offline_access' })).json()
    const form = { grant_type: deviceGrant, device_code: begun.device_code }
    await expectOAuthError(second.token('tv', form), 'authorization_pending')
    await expectOAuthError(first.token('tv', form), 'slow_down')
    const person = newPerson(second.provider)
    const signIn = await person.post('/device', { user_code: begun.user_code })
    const asking = await person.post(`${signIn.path}/sign-in`, { username: 'alice' })
    expect((await person.submit(asking, { decision: 'allow' })).text).toContain('You can go back')
    const polls = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? first : second).token('tv', form))
    const answers = await Promise.allSettled(polls)
    const given = answers.filter((answer) => answer.status === 'fulfilled')
    expect(given).toHaveLength(1)
    const tokens = { ...given[0]?.value, clientId: 'tv' }
    expect((await second.refresh(tokens as never)).access_token).toBeTruthy()
  })

  test('RFC 8693 §2.1: what one node exchanged ends when another node ends the session of its subject', async () => {
    const [first, second] = await twoNodes(place)
    const subject = await first.signIn({ resource: testApi, scope: 'openid read:messages' })
    const form = {
      grant_type: exchangeGrant,
      subject_token: subject.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    }
    const { access_token: token } = await first.token('backend', form)
    const isActive = async () =>
      (await (await second.post('/introspect', 'backend', { token })).json()).active as boolean
    expect(await isActive()).toBe(true)
    await second.post('/revoke', 'web', { token: subject.refresh_token })
    expect(await isActive()).toBe(false)
    await expectOAuthError(first.token('backend', form), 'invalid_request')
  })

  test('CIBA Core §7, §10: asked at one node, approved and polled at the other, a request brings tokens once', async () => {
    const [first, second] = await twoNodes(place)
    const asked = await first.post('/bc-authorize', 'till', { scope: 'openid', login_hint: 'alice' })
    const form = { grant_type: cibaGrant, auth_req_id: (await asked.json()).auth_req_id }
    await expectOAuthError(second.token('till', form), 'authorization_pending')
    await expectOAuthError(first.token('till', form), 'slow_down')
    const person = newPerson(second.provider)
    const signIn = await person.open('/approvals')
    const waiting = await person.post(`${signIn.path}/sign-in`, { username: 'alice' })
    const [, href = ''] = /href="(\/approvals\/[\w-]{22})"/.exec(waiting.text) ?? []
    await person.submit(await person.open(href), { decision: 'allow' })
    const polls = Array.from({ length: 8 }, (_, n) => (n % 2 === 0 ? first : second).token('till', form))
    const answers = await Promise.allSettled(polls)
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('RFC 9126 §4, §7.3: what was pushed to one node is answered at the other, and once among both', async () => {
    const [first, second] = await twoNodes(place)
    const pushed = await first.post('/par', 'pushing', {
      response_type: 'code',
      redirect_uri: 'https://pushing.example.com/cb',
      scope: 'openid',
      state: 's',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const query = new URLSearchParams({ client_id: 'pushing', request_uri: (await pushed.json()).request_uri })
    const person = newPerson(second.provider)
    const page = await person.open(`/authorize?${query}`)
    const { leftTo } = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    expect(leftTo?.searchParams.get('code')).toBeTruthy()
    for (const node of [first, second]) {
      const again = await newPerson(node.provider).open(`/authorize?${query}`)
      expect(again.text).toContain('invalid_request_uri')
    }
  })
})
