import { client, newPerson, type Person, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const query = new URLSearchParams({
  client_id: 'web',
  response_type: 'code',
  redirect_uri: 'https://app.example.com/cb',
  scope: 'openid profile',
  state: 's1',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})
const authorize = `/authorize?${query}`
const sessionCookie = '__Host-latchkey_session'

async function setUp(options: Parameters<typeof testProvider>[0] = {}) {
  const kit = await testProvider(options)
  const person = newPerson(kit.provider)
  const begin = async (who: Person = person, path = authorize) => (await who.open(path)).path
  const signIn = async (who: Person = person, username = 'alice') => {
    const path = await begin(who)
    return { path, page: await who.post(`${path}/sign-in`, { username }) }
  }
  return { ...kit, person, begin, signIn }
}

describe('from request to code', () => {
  test('sign-in, then consent, then one code for the client', async () => {
    const { person, begin, events } = await setUp()
    const path = await begin()
    const consent = await person.post(`${path}/sign-in`, { username: 'alice' })
    expect(consent.text).toContain('web asks for access')
    expect(consent.text).toContain('app.example.com')
    expect(consent.text).toContain('See your name and profile')
    expect(consent.text).toContain('<code>profile</code>')
    expect(consent.text).toContain('Signed in as <strong>alice</strong>')
    const { leftTo } = await person.submit(consent, { decision: 'allow' })
    expect(leftTo?.searchParams.get('code')).toBeTruthy()
    expect(events.map(({ type }) => type)).toEqual(['session.started', 'consent.granted', 'authorization.granted'])
  })

  test('a consent given once is not asked for again, in any browser, until more is asked for', async () => {
    const { person, signIn, provider } = await setUp()
    await person.submit((await signIn()).page, { decision: 'allow' })
    expect((await person.open(authorize)).leftTo).not.toBeNull()
    const elsewhere = newPerson(provider)
    expect((await signIn(elsewhere)).page.leftTo).not.toBeNull()
    const more = await person.open(`${authorize.replace('openid', 'openid+email')}`)
    expect(more.text).toContain('See your email address')
  })

  test('an API is named with its scopes in people’s words', async () => {
    const { person, begin } = await setUp({
      resources: [
        {
          identifier: 'https://api.example.com',
          name: 'Example API',
          scopes: ['read:messages'],
          scope_descriptions: { 'read:messages': 'Read your messages' },
          access_token_format: 'jwt',
          access_token_signing_alg: 'ES256',
        },
      ],
    })
    const path = await begin(
      person,
      `${authorize.replace('openid', 'openid+read:messages')}&audience=https://api.example.com`,
    )
    const { text } = await person.post(`${path}/sign-in`, { username: 'alice' })
    expect(text).toContain('<h2>Example API</h2>')
    expect(text).toContain('Read your messages</span><code>read:messages</code>')
  })

  test('a client without require_consent is not asked about; one that asks for no scope is, once', async () => {
    const uris = { token_endpoint_auth_method: 'none', redirect_uris: ['https://app.example.com/cb'] } as const
    const trusted = client({ client_id: 'trusted', ...uris, require_consent: false })
    const plain = client({ client_id: 'plain', ...uris })
    const { person, begin } = await setUp({ moreClients: [trusted, plain] })
    const path = await begin(person, authorize.replace('=web', '=trusted'))
    expect((await person.post(`${path}/sign-in`, { username: 'alice' })).leftTo).not.toBeNull()
    const bare = authorize.replace('=web', '=plain').replace('openid+profile', '')
    const consent = await person.open(bare)
    expect(consent.text).toContain('plain asks for access')
    await person.submit(consent, { decision: 'allow' })
    expect((await person.open(bare)).leftTo).not.toBeNull()
  })

  test('RFC 6749 §4.1.2.1: Deny and Cancel answer access_denied with state and iss, and nothing is remembered', async () => {
    const { person, signIn, begin, store, issuer } = await setUp()
    const denied = await person.submit((await signIn()).page, { decision: 'deny' })
    const path = await begin(person, `${authorize}&prompt=login`)
    const cancelled = await person.post(`${path}/cancel`, {})
    for (const { leftTo } of [denied, cancelled]) {
      expect(Object.fromEntries(leftTo?.searchParams ?? [])).toMatchObject({
        error: 'access_denied',
        state: 's1',
        iss: issuer,
      })
    }
    expect(await store.consents.find('alice-1', 'web')).toEqual([])
  })
})

describe('one interaction, one browser, one answer', () => {
  test('login CSRF: a link to an interaction opens nothing in another browser, and signs nobody in there', async () => {
    const { begin, provider } = await setUp()
    const path = await begin()
    const victim = newPerson(provider)
    const page = await victim.open(path)
    expect(page.status).toBe(403)
    expect(page.text).toContain('another browser')
    const posted = await victim.post(`${path}/sign-in`, { username: 'alice' })
    expect(posted.status).toBe(403)
    expect(victim.cookies.size).toBe(0)
  })

  test('login CSRF: the cookie of one interaction does not open another', async () => {
    const { begin, provider, person } = await setUp()
    const [path] = [await begin()]
    const victim = newPerson(provider)
    await begin(victim)
    const own = [...victim.cookies.values()][0] ?? ''
    for (const name of person.cookies.keys()) victim.cookies.set(name, own)
    expect((await victim.open(path)).status).toBe(403)
  })

  test('fixation: every sign-in makes a new session id and ends the one before', async () => {
    const { person, signIn, provider } = await setUp()
    const planted = newPerson(provider)
    await signIn(planted)
    const known = planted.cookies.get(sessionCookie) ?? ''
    person.cookies.set(sessionCookie, known)
    await signIn()
    const fresh = person.cookies.get(sessionCookie)
    expect(fresh).not.toBe(known)
    expect((await planted.open('/end-session')).text).toContain('You are signed out')
    const again = await person.open(`${authorize}&prompt=login`)
    await person.post(`${again.path}/sign-in`, { username: 'alice' })
    expect(person.cookies.get(sessionCookie)).not.toBe(fresh)
  })

  test('a session id that nobody was given is not taken over', async () => {
    const { person, signIn } = await setUp()
    const made = `${'0'.repeat(11)}${'A'.repeat(43)}`
    person.cookies.set(sessionCookie, made)
    await signIn()
    expect(person.cookies.get(sessionCookie)).not.toBe(made)
  })

  test('the session cookie is bound to its host, out of reach for scripts, and stored only as a hash', async () => {
    const { person, signIn, request, begin } = await setUp()
    const path = await begin()
    const response = await request(`${path}/sign-in`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      body: 'username=alice',
    })
    const cookie = response.headers.getSetCookie().find((header) => header.startsWith(sessionCookie)) ?? ''
    expect(cookie).toMatch(/^__Host-latchkey_session=[^;]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax; Secure$/)
    expect(response.status).toBe(303)
    await signIn()
  })

  test('double submit: of two Allows at once exactly one gets a code, the other a page that leads on', async () => {
    const { person, signIn, events } = await setUp()
    const { page } = await signIn()
    const answers = await Promise.all([
      person.submit(page, { decision: 'allow' }),
      person.submit(page, { decision: 'allow' }),
    ])
    const codes = answers.filter(({ leftTo }) => leftTo?.searchParams.has('code'))
    expect(codes).toHaveLength(1)
    expect(answers.find(({ leftTo }) => leftTo === null)?.text).toContain('Go to web')
    expect(events.filter(({ type }) => type === 'authorization.granted')).toHaveLength(1)
  })

  test('back button: the pages of a finished interaction say so and lead back to the application', async () => {
    const { person, signIn } = await setUp()
    const { path, page } = await signIn()
    await person.submit(page, { decision: 'allow' })
    for (const address of [path, `${path}/sign-in`, `${path}/consent`]) {
      const back = await person.open(address)
      expect(back.status).toBe(410)
      expect(back.text).toContain('You have been here already')
      expect(back.text).toContain('href="https://app.example.com/"')
    }
  })

  test('an interaction ends after its lifetime', async () => {
    const { person, begin, clock } = await setUp({ lifetimes: { interaction: 600 } })
    const path = await begin()
    clock.advance(601)
    const page = await person.post(`${path}/sign-in`, { username: 'alice' })
    expect(page.status).toBe(410)
    expect(page.text).toContain('took too long')
    expect(person.cookies.has(sessionCookie)).toBe(false)
  })

  test('two tabs sign in side by side, and each gets its own answer', async () => {
    const { person, begin } = await setUp()
    const [first, second] = [await begin(), await begin()]
    const consent = await person.post(`${first}/sign-in`, { username: 'alice' })
    const done = await person.submit(consent, { decision: 'allow' })
    const other = await person.open(second)
    expect(done.leftTo?.searchParams.get('code')).toBeTruthy()
    expect(other.leftTo?.searchParams.get('code')).toBeTruthy()
    expect(other.leftTo?.searchParams.get('code')).not.toBe(done.leftTo?.searchParams.get('code'))
  })

  test('forty abandoned sign-ins leave a request header that servers accept', async () => {
    const { person, begin, clock } = await setUp()
    for (let count = 0; count < 40; count++) {
      clock.advance(1)
      await begin()
    }
    expect(person.cookies.size).toBeLessThanOrEqual(8)
    const page = await begin()
    expect((await person.open(page)).status).toBe(200)
  })

  test('a consent page made for one person does not count for another who signed in meanwhile', async () => {
    const { person, signIn, store } = await setUp()
    const { page, path } = await signIn()
    await person.post(`${path}/sign-in`, { username: 'root' })
    const answer = await person.submit(page, { decision: 'allow' })
    expect(answer.leftTo).toBeNull()
    expect(answer.text).toContain('Signed in as <strong>root</strong>')
    expect(await store.consents.find('alice-1', 'web')).toEqual([])
    expect(await store.consents.find('root-1', 'web')).toEqual([])
  })

  test('a consent form without its token, or with a foreign one, grants nothing', async () => {
    const { person, signIn, store } = await setUp()
    const { path } = await signIn()
    for (const form_token of [undefined, 'x', 'A'.repeat(43)]) {
      expect((await person.post(`${path}/consent`, { decision: 'allow', form_token })).leftTo).toBeNull()
    }
    expect(await store.consents.find('alice-1', 'web')).toEqual([])
  })

  test('consent cannot be given before sign-in, nor after the session ended', async () => {
    const { person, begin, signIn, store } = await setUp()
    const early = await begin()
    expect((await person.post(`${early}/consent`, { decision: 'allow' })).text).toContain('Sign in')
    const { page } = await signIn()
    person.cookies.delete(sessionCookie)
    expect((await person.submit(page, { decision: 'allow' })).text).toContain('Sign in')
    expect(await store.consents.find('alice-1', 'web')).toEqual([])
  })

  test('a duplicated field is a page, and the interaction goes on', async () => {
    const { person, begin, request } = await setUp()
    const path = await begin()
    const response = await request(`${path}/sign-in`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      },
      body: 'username=alice&username=root',
    })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('more than once')
    expect((await person.post(`${path}/sign-in`, { username: 'alice' })).text).toContain('asks for access')
  })

  test('a client deleted while a person signs in is told about on a page', async () => {
    const { person, begin, store, clock } = await setUp()
    const record = {
      metadata: client({
        client_id: 'brief',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['https://app.example.com/cb'],
      }),
      secretHashes: [],
      version: 1,
      createdAt: clock.now(),
      updatedAt: clock.now(),
    }
    await store.clients.create(record)
    const path = await begin(person, authorize.replace('=web', '=brief'))
    await store.clients.delete('brief', clock.now())
    clock.advance(60)
    const page = await person.post(`${path}/sign-in`, { username: 'alice' })
    expect(page.leftTo).toBeNull()
    expect(page.text).toContain('&quot;brief&quot; is not registered here')
  })

  test('an address that is none of the interaction’s leads to its start', async () => {
    const { person, begin } = await setUp()
    const path = await begin()
    expect((await person.open(`${path}/consent`)).text).toContain('Sign in')
    expect((await person.open(`${path}/nonsense`)).path).toBe(path)
    expect((await person.open('/interaction/nonsense')).status).toBe(403)
    expect((await person.open('/interaction')).status).toBe(403)
  })
})
