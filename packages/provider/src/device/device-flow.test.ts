import {
  client,
  expectOAuthError,
  newPerson,
  type Person,
  type SeenPage,
  testApi,
  testProvider,
  tokenResponse,
} from '@latchkey/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalUserCode, formatUserCode, newUserCode } from './user-code.ts'

const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
const tv = client({
  client_id: 'tv',
  client_name: 'Living Room TV',
  token_endpoint_auth_method: 'none',
  grant_types: [grant_type, 'refresh_token'],
})
const radio = client({ client_id: 'radio', token_endpoint_auth_method: 'none', grant_types: [grant_type] })

interface Begun {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri: string
  readonly verification_uri_complete: string
  readonly expires_in: number
  readonly interval: number
}

async function begin(options: Parameters<typeof testProvider>[0] = {}) {
  const kit = await testProvider({ moreClients: [tv, radio], ...options })
  const ask = async (form: Record<string, string> = {}, from = 'tv'): Promise<Begun> => {
    const response = await kit.post('/device_authorization', from, { scope: 'openid profile offline_access', ...form })
    expect(response.status).toBe(200)
    return response.json()
  }
  const poll = (device_code: string, from = 'tv', form = {}) => kit.token(from, { grant_type, device_code, ...form })
  return { ...kit, ask, poll }
}

type Kit = Awaited<ReturnType<typeof begin>>

function signInAt(person: Person, page: SeenPage): Promise<SeenPage> {
  return person.post(`${page.path}/sign-in`, { username: 'alice' })
}

/** Types the code, signs in, and stops at the question. */
async function question(kit: Kit, userCode: string, person = newPerson(kit.provider)) {
  const page = await person.submit(await person.open('/device'), { user_code: userCode })
  const asking = page.path.startsWith('/interaction') ? await signInAt(person, page) : page
  return { person, asking }
}

async function answer(kit: Kit, userCode: string, decision: 'allow' | 'deny') {
  const { person, asking } = await question(kit, userCode)
  return person.submit(asking, { decision })
}

describe('the device flow', () => {
  test('RFC 8628 §3.2: the device gets a code for itself, one for people, and where to type it', async () => {
    const { ask, issuer } = await begin()
    const begun = await ask()
    expect(begun).toEqual({
      device_code: expect.any(String),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${issuer}/device`,
      verification_uri_complete: `${issuer}/device?user_code=${begun.user_code}`,
      expires_in: 600,
      interval: 5,
    })
  })

  test('RFC 8628 §3.4: code, sign-in, confirmation, tokens: once', async () => {
    const kit = await begin()
    const { device_code, user_code } = await kit.ask()
    await expectOAuthError(kit.poll(device_code), 'authorization_pending')
    const done = await answer(kit, user_code, 'allow')
    expect(done.text).toContain('You can go back to your device')
    kit.clock.advance(5)
    const tokens = await kit.poll(device_code)
    expect(tokens).toMatchObject({ token_type: 'Bearer', scope: 'openid profile offline_access' })
    const { sub, name } = await (
      await kit.request('/userinfo', { headers: { authorization: `Bearer ${tokens.access_token}` } })
    ).json()
    expect({ sub, name, id: typeof tokens.id_token }).toEqual({ sub: 'alice-1', name: 'Alice Doe', id: 'string' })
    expect((await kit.refresh({ ...tokens, clientId: 'tv' })).access_token).toBeTruthy()
    await expectOAuthError(kit.poll(device_code), 'invalid_grant')
  })

  test('features 14: of eight callers with one approved code exactly one gets tokens', async () => {
    const kit = await begin()
    const { device_code, user_code } = await kit.ask()
    await answer(kit, user_code, 'allow')
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => kit.poll(device_code)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('RFC 8628 §3.3.1: the complete link fills the code in, and the person still confirms it', async () => {
    const kit = await begin()
    const { verification_uri_complete, user_code, device_code } = await kit.ask()
    const person = newPerson(kit.provider)
    const entry = await person.open(verification_uri_complete.slice(kit.issuer.length))
    expect(entry.text).toContain(`value="${user_code}"`)
    await expectOAuthError(kit.poll(device_code), 'authorization_pending')
    const signIn = await person.submit(entry, { user_code })
    const asking = await signInAt(person, signIn)
    for (const word of ['Living Room TV', user_code, 'See your name and profile', 'alice', 'If someone sent you']) {
      expect(asking.text).toContain(word)
    }
    kit.clock.advance(5)
    await expectOAuthError(kit.poll(device_code), 'authorization_pending')
  })

  test('RFC 8628 §3.5: a denied request is access_denied', async () => {
    const kit = await begin()
    const { device_code, user_code } = await kit.ask()
    expect((await answer(kit, user_code, 'deny')).text).toContain('Access was denied')
    await expectOAuthError(kit.poll(device_code), 'access_denied')
    expect((await kit.post('/token', 'tv', { grant_type, device_code })).status).toBe(400)
    expect(kit.events.map(({ type }) => type)).toContain('authorization.refused')
  })

  test('RFC 8628 §3.5: polling too fast is slow_down, and each time 5 seconds more must lie between', async () => {
    const kit = await begin()
    const { device_code } = await kit.ask()
    await expectOAuthError(kit.poll(device_code), 'authorization_pending')
    kit.clock.advance(4)
    await expectOAuthError(kit.poll(device_code), 'slow_down')
    kit.clock.advance(9)
    await expectOAuthError(kit.poll(device_code), 'slow_down')
    kit.clock.advance(15)
    await expectOAuthError(kit.poll(device_code), 'authorization_pending')
  })

  test('RFC 8628 §3.5: an old device code is expired_token, an unknown one invalid_grant', async () => {
    const kit = await begin({ lifetimes: { device_code: 60 } })
    const { device_code } = await kit.ask()
    await expectOAuthError(kit.poll('nonsense'), 'invalid_grant')
    await expectOAuthError(kit.poll(`${device_code.slice(0, -2)}xx`), 'invalid_grant')
    kit.clock.advance(59)
    await expectOAuthError(kit.poll(device_code), 'authorization_pending')
    // Far enough that the row was swept away as well.
    for (const seconds of [1, 3600]) {
      kit.clock.advance(seconds)
      await expectOAuthError(kit.poll(device_code), 'expired_token')
    }
  })

  test('RFC 8628 §5.1: the codes of one client are nothing to another, and it cannot slow the first one down', async () => {
    const kit = await begin()
    const { device_code } = await kit.ask()
    await expectOAuthError(kit.poll(device_code, 'radio'), 'invalid_grant')
    await expectOAuthError(kit.poll(device_code), 'authorization_pending')
  })

  test('RFC 8628 §5.1: whoever guesses codes has ten attempts in ten minutes, and none without signing in', async () => {
    const kit = await begin({ lifetimes: { device_code: 1200 } })
    const { user_code } = await kit.ask()
    const { person } = await question(kit, 'BBBB-BBBB')
    for (let guess = 1; guess < 10; guess++) {
      expect((await person.open('/device/confirm?user_code=CCCC-CCCC')).status).toBe(400)
    }
    const right = await person.open(`/device/confirm?user_code=${user_code}`)
    expect({ status: right.status, asks: right.text.includes('Living Room TV') }).toEqual({ status: 429, asks: false })
    kit.clock.advance(600)
    expect((await person.open(`/device/confirm?user_code=${user_code}`)).status).toBe(200)
    const stranger = await newPerson(kit.provider).open(`/device/confirm?user_code=${user_code}`)
    expect(stranger.text).not.toContain('Living Room TV')
  })

  test('RFC 8628 §5.4: only the page that asked this person for this code can answer', async () => {
    const kit = await begin()
    const [one, two] = [await kit.ask(), await kit.ask()]
    const { person, asking } = await question(kit, one.user_code)
    const token = /name="form_token" value="([^"]+)"/.exec(asking.text)?.[1]
    for (const form of [
      { user_code: one.user_code, decision: 'allow' },
      { user_code: two.user_code, decision: 'allow', form_token: token },
    ]) {
      expect((await person.post('/device/confirm', form)).text).toContain('asks for access')
    }
    await expectOAuthError(kit.poll(one.device_code), 'authorization_pending')
    await expectOAuthError(kit.poll(two.device_code), 'authorization_pending')
  })

  test('a code is decided once: the second answer says that it was used', async () => {
    const kit = await begin()
    const { user_code } = await kit.ask()
    const { person, asking } = await question(kit, user_code)
    await person.submit(asking, { decision: 'allow' })
    expect((await person.submit(asking, { decision: 'deny' })).text).toContain('unknown, used or too old')
  })

  test('RFC 8628 §3.1: scope and resource are held against the client as everywhere', async () => {
    const kit = await begin()
    const errorOf = async (form: Record<string, string>, from = 'tv') =>
      (await (await kit.post('/device_authorization', from, form)).json()).error as string
    expect(await errorOf({ scope: 'read:messages' })).toBe('invalid_scope')
    expect(await errorOf({ resource: 'https://elsewhere.example' })).toBe('invalid_target')
    expect(await errorOf({ scope: 'openid' }, 'spa')).toBe('unauthorized_client')
    const { device_code, user_code } = await kit.ask({ scope: 'openid read:messages', resource: testApi })
    await answer(kit, user_code, 'allow')
    const tokens = await kit.poll(device_code, 'tv', { resource: testApi })
    expect(tokens).toMatchObject({ scope: 'openid read:messages', access_token: expect.stringContaining('.') })
  })

  test('signing out in the browser that approved does not end the device', async () => {
    const kit = await begin()
    const { device_code, user_code } = await kit.ask()
    await answer(kit, user_code, 'allow')
    const tokens = await kit.poll(device_code)
    expect(JSON.parse(atob(tokens.id_token?.split('.')[1] ?? ''))).not.toHaveProperty('sid')
  })

  test('RFC 8414 §2: switched off, it is neither advertised nor there', async () => {
    const on = await begin()
    expect(on.provider.metadata).toMatchObject({
      device_authorization_endpoint: `${on.issuer}/device_authorization`,
      grant_types_supported: expect.arrayContaining([grant_type]),
    })
    const off = await begin({ deviceFlow: false })
    expect(off.provider.metadata.device_authorization_endpoint).toBeUndefined()
    expect(off.provider.metadata.grant_types_supported).not.toContain(grant_type)
    expect((await off.post('/device_authorization', 'tv', {})).status).toBe(404)
    await expect(tokenResponse(await off.post('/token', 'tv', { grant_type, device_code: 'x' }))).rejects.toMatchObject(
      {
        code: 'unsupported_grant_type',
      },
    )
  })
})

describe('user codes', () => {
  test('RFC 8628 §6.1: each letter is as likely as any other', async () => {
    const { runtime } = await testProvider()
    const counts = new Map<string, number>()
    for (let n = 0; n < 5000; n++) {
      for (const letter of newUserCode(runtime)) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    expect(counts.size).toBe(20)
    // 2000 of each are expected; eight standard deviations never fail by chance.
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(8 * Math.sqrt(1900))
  })

  test('RFC 8628 §6.1: a code is read in any case and with anything people put between its letters', async () => {
    const { runtime } = await testProvider()
    const code = newUserCode(runtime)
    const variants = [code, code.toLowerCase(), formatUserCode(code), ` ${code.slice(0, 4)} – ${code.slice(4)} `]
    expect(new Set(variants.map(canonicalUserCode))).toEqual(new Set([code]))
    for (const wrong of ['', 'AAAA-AAAA', `${code}B`, code.slice(1)]) expect(canonicalUserCode(wrong)).toBeNull()
  })

  test('RFC 8628 §3.3: whatever is typed or sent, the pages never answer with a 5xx', async () => {
    const { request } = await testProvider()
    const asked = fc.record({
      path: fc.constantFrom('/device', '/device/confirm', '/device/sign-in', '/device/x', '/device_authorization'),
      text: fc.string({ unit: 'binary', maxLength: 60 }),
      method: fc.constantFrom('GET', 'POST'),
    })
    await fc.assert(
      fc.asyncProperty(asked, async ({ path, text, method }) => {
        const fields = new URLSearchParams({ user_code: text, form_token: text, decision: text, client_id: text })
        const init = method === 'POST' ? { method, body: fields } : { method }
        const response = await request(method === 'GET' ? `${path}?${fields}` : path, init)
        expect(response.status).toBeLessThan(500)
      }),
      { numRuns: 200 },
    )
  })
})
