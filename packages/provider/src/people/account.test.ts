import { expectOAuthError, newPerson, type SeenPage, type testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { ask, atTheDoor, entriesOf, logo_uri, setUp, withdraw } from './test-account.ts'

describe('what a person has allowed', () => {
  test('the page names each application, what it may see in the words of the consent page, and since when', async () => {
    const { person, connect, clock } = await setUp()
    await connect()
    await connect({ clientId: 'house' })
    clock.advance(40 * 86_400)
    const signIn = await person.open('/account')
    const { text, headers, status } = await person.post(`${signIn.path}/sign-in`, { username: 'alice' })
    expect(status).toBe(200)
    expect(text).toContain('<h3>Acme &lt;Notes&gt;</h3>')
    expect(text).toContain('See your email address</span><code>email</code>')
    expect(text).toContain('Your account at id.example.com')
    expect(text).toMatch(/Since <time datetime="[^"]+" title="[^"]+ UTC">\d+ [A-Z][a-z]+ \d{4}<\/time>/)
    expect(text).toContain('You were not asked about this one: it belongs to id.example.com.')
    expect(text).toContain(`<img class="logo" src="${logo_uri}" alt=""`)
    expect(headers.get('content-security-policy')).toContain("img-src 'self' https://cdn.notes.example;")
    expect(headers.get('content-security-policy')).not.toContain('unsafe')
    expect(text).not.toContain('<script>')
    expect(text.match(/style="/)).toBeNull()
  })

  test('nobody is shown anything without signing in, and only their own', async () => {
    const { provider, person, connect } = await setUp()
    await connect()
    const stranger = newPerson(provider)
    const door = await stranger.open('/account')
    expect(atTheDoor(door)).toBe(true)
    expect(door.text).not.toContain('Acme')
    const bobs = await stranger.post(`${door.path}/sign-in`, { username: 'root' })
    expect(bobs.text).toContain('No application has access')
    expect(bobs.text).not.toContain('Acme')
    const forBob = await stranger.open('/account/withdraw?client_id=notes')
    expect(forBob.path).toBe('/account')
    expect((await person.open('/account')).text).toContain('Acme')
  })

  test('issue 4: access that is withdrawn ends every token at once, and the next sign-in is asked again', async () => {
    const { person, connect, isActive, refresh, store } = await setUp()
    const tokens = await connect()
    expect(await isActive(tokens.access_token)).toBe(true)
    const confirm = await person.open('/account/withdraw?client_id=notes')
    expect(confirm.text).toContain('Withdraw the access of Acme &lt;Notes&gt;?')
    expect(await isActive(tokens.access_token)).toBe(true)
    const done = await person.submit(confirm, {})
    expect(done.text).toContain('role="status"><p>Acme &lt;Notes&gt; has no access any more.')
    expect(done.text).toContain('No application has access')
    expect(await isActive(tokens.access_token)).toBe(false)
    await expectOAuthError(refresh(tokens), 'invalid_grant')
    const again = await person.open(ask('notes'))
    expect(again.text).toContain('Acme &lt;Notes&gt; asks for access')
    const [entry] = await entriesOf(store, 'consent.withdrawn')
    expect(entry).toMatchObject({ sub: 'alice-1', clientId: 'notes', actor: null, detail: '1 grant ended' })
    expect(entry?.requestId).toMatch(/^[\w-]{16}$/)
  })

  test('what is withdrawn twice says so, and is told of once', async () => {
    const { person, connect, store } = await setUp()
    await connect()
    const confirm = await person.open('/account/withdraw?client_id=notes')
    await person.submit(confirm, {})
    expect((await person.submit(confirm, {})).text).toContain('notes has no access: there is nothing to withdraw')
    expect(await entriesOf(store, 'consent.withdrawn')).toHaveLength(1)
  })

  test('another person’s access and another application’s stay', async () => {
    const { provider, person, connect, isActive } = await setUp()
    const bob = newPerson(provider)
    const [bobs, houses] = [await connect({ who: bob, username: 'root' }), await connect({ clientId: 'house' })]
    await connect()
    await withdraw(person)
    expect(await isActive(bobs.access_token)).toBe(true)
    expect(await isActive(houses.access_token)).toBe(true)
    expect((await bob.open('/account')).text).toContain('Acme')
  })

  test('one that needed no consent loses its tokens all the same', async () => {
    const { person, connect, isActive } = await setUp()
    const tokens = await connect({ clientId: 'house' })
    expect((await person.open('/account/withdraw?client_id=house')).text).toContain('need not ask')
    await withdraw(person, 'house')
    expect(await isActive(tokens.access_token)).toBe(false)
  })

  test('an application that is gone from the registry can still be withdrawn', async () => {
    const { person, connect, store } = await setUp()
    await connect()
    await store.consents.grant('alice-1', 'https://gone.example/client', { permissions: ['@', 'openid'] }, 1)
    expect((await person.open('/account')).text).toContain('This application is not registered here any more.')
    await withdraw(person, encodeURIComponent('https://gone.example/client'))
    expect((await store.consents.list('alice-1')).map(({ clientId }) => clientId)).toEqual(['notes'])
  })

  test('RFC 9396 §2: what was allowed once is told in words, and withdrawn with the rest', async () => {
    const type = { type: 'payment', describe: () => 'Pay €12.50 to Bakery', problems: () => [] }
    const { person, connect, store } = await setUp({ authorizationDetailsTypes: [type as never] })
    await connect()
    const details = [{ type: 'payment' }, { type: 'unknown-type' }]
    await store.consents.grant('alice-1', 'notes', { permissions: ['@'], details }, 1_700_000_000)
    const { text } = await person.open('/account')
    expect(text).toContain('<h4>Allowed once</h4>')
    expect(text).toContain('Pay €12.50 to Bakery')
    expect(text).toContain('unknown-type')
    await withdraw(person)
    expect((await person.open('/account')).text).not.toContain('Bakery')
  })

  test('of an API the scopes are shown that were allowed for it, not those of another', async () => {
    const { person, connect, store } = await setUp()
    await connect()
    const permissions = [
      '@',
      '@https://api.example.com',
      'read:messages@https://api.example.com',
      '@https://gone.example',
      'x@https://gone.example',
    ]
    await store.consents.grant('alice-1', 'notes', { permissions }, 1)
    const { text } = await person.open('/account')
    expect(text).toContain('<h4>Example API</h4>')
    expect(text).toContain('<code>read:messages</code>')
    expect(text).not.toContain('write:messages')
    expect(text).not.toContain('gone.example')
  })
})

describe('features 52: only the person’s own form changes anything', () => {
  test('a form of another site, of another session or without its token is refused and changes nothing', async () => {
    const { provider, person, connect, isActive, issuer } = await setUp()
    const tokens = await connect()
    const bob = newPerson(provider)
    const door = await bob.open('/account')
    const bobs = await bob.post(`${door.path}/sign-in`, { username: 'root' })
    const tokenIn = ({ text }: SeenPage) => /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const own = tokenIn(await person.open('/account/withdraw?client_id=notes'))
    const send = (path: string, form_token: string, origin: string) =>
      provider.fetch(
        new Request(`${issuer}${path}`, {
          method: 'POST',
          headers: { cookie, origin, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ form_token, session: 'x' }).toString(),
        }),
      )
    expect(own).not.toBe('')
    for (const path of ['/account/withdraw?client_id=notes', '/account/sign-out', '/account/sign-out-others']) {
      for (const [token, origin] of [
        [own, 'https://evil.example'],
        ['', issuer],
        [tokenIn(bobs), issuer],
        ['forged', 'null'],
        [own, 'null'],
      ] as const) {
        const response = await send(path, token, origin)
        expect(response.status).toBe(403)
        expect(await response.text()).toContain('Nothing was changed')
      }
    }
    expect(await isActive(tokens.access_token)).toBe(true)
    expect((await send('/account/withdraw?client_id=notes', own, issuer)).status).toBe(303)
    expect(await isActive(tokens.access_token)).toBe(false)
  })

  test('an address that says something was done is believed only when this page made it for this session', async () => {
    const { person, connect } = await setUp()
    await connect()
    const forged = '/account?done=withdrawn&of=Your+Bank&proof=AAAA'
    expect((await person.open(forged)).text).not.toContain('Your Bank')
    expect((await person.open('/account/nonsense')).path).toBe('/account')
  })
})

describe('the page itself', () => {
  test('it speaks German to those who want it', async () => {
    const { provider } = await setUp()
    const german = newPerson({
      issuer: provider.issuer,
      fetch(request) {
        request.headers.set('accept-language', 'de')
        return provider.fetch(request)
      },
    })
    const door = await german.open('/account')
    expect(atTheDoor(door)).toBe(true)
    const { text } = await german.post(`${door.path}/sign-in`, { username: 'root' })
    expect(text).toContain('<html lang="de">')
    expect(text).toContain('Keine Anwendung hat Zugriff')
    expect(text).toContain('Wo Sie angemeldet sind')
    expect(text).toMatch(/Angemeldet <time[^>]+>gerade eben<\/time> mit Passwort/)
  })

  test('pages where people decide or leave say where to take it back; nothing does where the page is switched off', async () => {
    const consentOf = async (options: Parameters<typeof testProvider>[0]) => {
      const { person, provider } = await setUp(options)
      const page = await person.open(ask('notes'))
      const consent = await person.post(`${page.path}/sign-in`, { username: 'alice' })
      const signOut = await person.submit(await person.open('/end-session'), {})
      const there = await newPerson(provider).open('/account')
      return [consent.text.includes('href="/account"'), signOut.text.includes('href="/account"'), there.status !== 404]
    }
    expect(await consentOf({})).toEqual([true, true, true])
    expect(await consentOf({ accountPage: false })).toEqual([false, false, false])
  })
})
