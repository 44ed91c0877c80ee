import { Form } from '@latchkey/protocol'
import type { SignInContext } from '@latchkey/provider'
import { client, newPerson, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { createAccounts } from './create-accounts.ts'
import { createMemoryAccountStore } from './memory-account-store.ts'
import { passwordFault } from './password-rules.ts'

const good = { username: 'Dora', name: 'Dora Doe', email: 'dora@example.com', password: 'four calm green boats' }
const query = new URLSearchParams({
  client_id: 'app',
  response_type: 'code',
  redirect_uri: 'https://app.example.com/cb',
  scope: 'openid',
  prompt: 'create',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
})
const redirect_uris = ['https://app.example.com/cb']
const app = client({ client_id: 'app', token_endpoint_auth_method: 'none', redirect_uris, require_consent: false })

async function setUp(registration = true) {
  const store = createMemoryAccountStore()
  const runtime = testRuntime()
  const accounts = await createAccounts({ store, runtime, registration })
  const kit = await testProvider({ accounts, runtime, moreClients: [app] })
  return { ...kit, accountStore: store, accounts, person: newPerson(kit.provider) }
}

describe('making an account', () => {
  test('Initiating User Registration §4: prompt create leads to an account and back to the application, signed in', async () => {
    const { person, accountStore, provider } = await setUp()
    expect(provider.metadata.prompt_values_supported).toContain('create')
    const page = await person.open(`/authorize?${query}`)
    expect(page.text).toContain('Create an account to continue to <span class="asking">app</span>')
    expect(page.text).toContain('autocomplete="new-password"')
    const { leftTo } = await person.submit(page, good)
    expect(leftTo?.searchParams.get('code')).toBeTruthy()
    expect(await accountStore.findByUsername('dora')).toMatchObject({
      username: 'Dora',
      admin: false,
      claims: { name: 'Dora Doe', email: 'dora@example.com', email_verified: false },
    })
  })

  test('the sign-in page leads there and back, in German too', async () => {
    const { person } = await setUp()
    const asked = new URLSearchParams([...query].filter(([name]) => name !== 'prompt'))
    const page = await person.open(`/authorize?${asked}&ui_locales=de-AT+en`)
    expect(page.text).toContain('<html lang="de">')
    const [, href = ''] = /href="([^"]+\/register)"/.exec(page.text) ?? []
    const form = await person.open(href)
    expect(form.text).toContain('Konto anlegen und weiter zu')
    expect(form.text).toContain(`href="${href.replace('register', 'sign-in')}"`)
  })

  test.each([
    ['a short password', { password: 'short' }, 'Use at least 8 characters'],
    ['a common password', { password: 'Passw0rd1' }, 'one of the first that anyone tries'],
    ['the name as password', { username: 'longusername', password: 'LongUserName' }, 'must not be your username'],
    ['no name', { username: ' ' }, 'Enter your username'],
    ['a name that looks like another', { username: 'Do\u200bra' }, 'invisible characters'],
    ['a name that turns the reading direction', { username: 'Dora\u202e' }, 'invisible characters'],
    ['a bad address', { email: 'nowhere' }, 'no email address'],
  ])('%s is refused beside its field, and what was typed stays, the password apart', async (_, changes, says) => {
    const { person, accountStore } = await setUp()
    const typed = { ...good, ...changes }
    const refused = await person.submit(await person.open(`/authorize?${query}`), typed)
    expect(refused.status).toBe(400)
    expect(refused.text).toContain(says)
    expect(refused.text).toContain('value="Dora Doe"')
    expect(refused.text).not.toContain(typed.password)
    expect(await accountStore.findByUsername(typed.username)).toBeNull()
  })

  test('a name that is taken, in whatever letter case, stays with its owner', async () => {
    const { accounts, accountStore } = await setUp()
    const register = (username: string) =>
      accounts.register?.(context, Form.of({ ...good, username })).then((result) => result.outcome)
    expect(await register('Dora')).toBe('signed-in')
    const before = await accountStore.findByUsername('dora')
    expect(await register('DORA')).toBe('page')
    expect(await accountStore.findByUsername('dora')).toEqual(before)
  })

  test('thirty accounts in a minute are the most', async () => {
    const { accounts, accountStore, clock } = await setUp()
    const now = Math.floor(clock.now())
    for (let index = 0; index < 30; index++) await accountStore.countFailure('registration', { now, windowSeconds: 60 })
    const result = await accounts.register?.(context, Form.of(good))
    expect(result?.outcome === 'page' && result.response.status).toBe(429)
    clock.advance(61)
    expect((await accounts.register?.(context, Form.of(good)))?.outcome).toBe('signed-in')
  })

  test('where it is off, the prompt is refused, not advertised, and the address makes nothing', async () => {
    const { person, provider, accountStore } = await setUp(false)
    expect(provider.metadata.prompt_values_supported).not.toContain('create')
    const { leftTo } = await person.open(`/authorize?${query}`)
    expect(leftTo?.searchParams.get('error')).toBe('invalid_request')
    const page = await person.open(
      `/authorize?${new URLSearchParams([...query].filter(([name]) => name !== 'prompt'))}`,
    )
    expect(page.text).not.toContain('/register')
    expect((await person.post(`${page.path}/register`, good)).text).toContain('Sign in to continue')
    expect(await accountStore.findByUsername('dora')).toBeNull()
  })
})

const context: SignInContext = {
  locale: 'en',
  clientName: 'Acme',
  action: '/here/register',
  loginHint: undefined,
  wantedContexts: [],
  registerHref: '/here/register',
  signInHref: '/here/sign-in',
  cancelAction: undefined,
  page: ({ title, body, status }) => new Response(`${title}\n${body}`, { status: status ?? 200 }),
}

test('NIST SP 800-63B §3.1.1.2: length counts, kinds of characters do not', () => {
  for (const password of ['aaaaaaaa', '12345678', 'qwertyuiop', 'password', 'P@ssword1', 'Sunshine2024', 'hgfedcba'])
    expect(passwordFault(password, 'alice'), password).toBe('common')
  for (const password of ['correct horse', 'tüchtige möwe', '日本語のパスワードです', 'passwordless is the future'])
    expect(passwordFault(password, 'alice'), password).toBeNull()
  expect(passwordFault('x'.repeat(1025), 'alice')).toBe('too-long')
})
