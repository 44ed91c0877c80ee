import { ConfigError, Form } from '@latchkey/protocol'
import type { Accounts, SignInContext } from '@latchkey/provider'
import { newPerson, testProvider, testRuntime } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import type { ConfiguredUser } from './configured-user.ts'
import { createAccounts } from './create-accounts.ts'
import { createMemoryAccountStore } from './memory-account-store.ts'

const alice: ConfiguredUser = { username: 'Alice', password: 'open sesame', claims: { name: 'Alice Doe' } }

async function setUp(users: readonly ConfiguredUser[] = [alice]) {
  const store = createMemoryAccountStore()
  const runtime = testRuntime()
  return { store, runtime, clock: runtime.clock, accounts: await createAccounts({ store, runtime, users }) }
}

const context: SignInContext = {
  clientName: 'Acme <Notes>',
  action: '/here/sign-in',
  locale: 'en',
  loginHint: undefined,
  wantedContexts: [],
  registerHref: undefined,
  signInHref: '/here/sign-in',
  cancelAction: '/here/cancel',
  page: ({ title, body, status }) => new Response(`${title}\n${body}`, { status: status ?? 200 }),
}

async function attempt(accounts: Accounts, username: string, password: string) {
  const result = await accounts.signIn(context, Form.of({ username, password }))
  if (result.outcome === 'signed-in') return { sub: result.sub, amr: result.amr, status: 0, text: '' }
  return { sub: null, amr: [], status: result.response.status, text: await result.response.text() }
}

describe('signing in', () => {
  test('the right password signs in, whatever the letter case of the name', async () => {
    const { accounts, store } = await setUp()
    const sub = (await store.findByUsername('alice'))?.sub
    expect(await attempt(accounts, ' ALICE ', 'open sesame')).toMatchObject({ sub, amr: ['pwd'] })
    expect(await accounts.find(sub ?? '')).toEqual({
      sub,
      username: 'Alice',
      admin: false,
      claims: { name: 'Alice Doe' },
    })
    expect(await accounts.find('nobody')).toBeNull()
  })

  test('an unknown name, a wrong password and an account without one are answered alike', async () => {
    const { accounts, store, clock } = await setUp()
    await store.create({
      sub: 'p',
      username: 'passkey-only',
      passwordHash: null,
      admin: false,
      claims: {},
      version: 1,
      createdAt: clock.now(),
      updatedAt: clock.now(),
    })
    const names = ['alice', 'nobody', 'passkey-only']
    const answers = await Promise.all(names.map((name) => attempt(accounts, name, 'nobody')))
    const alike = answers.map(({ text, status }, index) => [status, text.replaceAll(names[index] ?? '', 'NAME')])
    expect(new Set(alike.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(answers[0]).toMatchObject({ sub: null, status: 400 })
  })

  test('what was typed as a name stays and is escaped; the password never comes back', async () => {
    const { accounts } = await setUp()
    const { text } = await attempt(accounts, 'al"><script>', 'my-secret-word')
    expect(text).toContain('value="al&quot;&gt;&lt;script&gt;"')
    expect(text).toContain('Acme &lt;Notes&gt;')
    expect(text).not.toContain('my-secret-word')
  })

  test('the page has labels, autocomplete and a summary that takes the focus', async () => {
    const { accounts } = await setUp()
    const { text } = await attempt(accounts, '', '')
    expect(text).toMatch(/<label for="username">.*<input id="username" name="username"[^>]* autocomplete="username"/s)
    expect(text).toMatch(/<label for="password">.*<input id="password"[^>]* autocomplete="current-password"/s)
    expect(text).toContain('role="alert" tabindex="-1" autofocus')
    expect(text).toContain('<a href="#username">Enter your username</a>')
    expect(text).toContain('aria-invalid="true" aria-describedby="password-error"')
    expect(text.match(/autofocus/g)).toHaveLength(1)
  })

  test('a login_hint is filled in', async () => {
    const { accounts } = await setUp()
    const result = await accounts.signIn({ ...context, loginHint: 'alice@example.com' }, null)
    if (result.outcome !== 'page') throw new Error('a page was expected')
    expect(await result.response.text()).toContain('value="alice@example.com"')
  })

  test('a password of a megabyte is refused without work on it', async () => {
    const { accounts } = await setUp()
    expect((await attempt(accounts, 'alice', 'x'.repeat(1_000_000))).status).toBe(400)
  })

  test('the page stands in the provider’s sign-in and leads to a session', async () => {
    const { accounts, runtime } = await setUp()
    const { provider } = await testProvider({ accounts, runtime })
    const person = newPerson(provider)
    const query = 'client_id=post&response_type=code&redirect_uri=https://app.example.com/cb&scope=openid&state=123123'
    const page = await person.open(`/authorize?${query}`)
    expect(page.text).toContain('Sign in to continue to <span class="asking">post</span>')
    const wrong = await person.submit(page, { username: 'alice', password: 'guess' })
    expect(wrong.text).toContain('do not belong together')
    const consent = await person.submit(wrong, { username: 'alice', password: 'open sesame' })
    const { leftTo } = await person.submit(consent, { decision: 'allow' })
    expect(leftTo?.searchParams.get('state')).toBe('123123')
    expect(leftTo?.searchParams.get('code')).toBeTruthy()
  })
})

describe('too many wrong passwords', () => {
  const guess = (accounts: Accounts, name = 'alice') => attempt(accounts, name, 'guess')

  test('after five in a minute not even the right one is looked at, until the minute has passed', async () => {
    const { accounts, clock } = await setUp()
    for (let count = 0; count < 5; count++) expect((await guess(accounts)).status).toBe(400)
    const blocked = await attempt(accounts, 'alice', 'open sesame')
    expect(blocked).toMatchObject({ sub: null, status: 429 })
    expect(blocked.text).toContain('Too many attempts for this username. Wait a minute')
    clock.advance(61)
    expect((await attempt(accounts, 'alice', 'open sesame')).sub).not.toBeNull()
  })

  test('the wait grows to an hour and no further, and attempts meanwhile do not prolong it', async () => {
    const { accounts, clock } = await setUp()
    const waits: string[] = []
    for (let round = 0; round < 60; round++) {
      const { status, text } = await guess(accounts)
      if (status === 429) {
        waits.push(/Wait ([^,]+),/.exec(text)?.[1] ?? '')
        clock.advance(61)
      }
    }
    expect([...new Set(waits)]).toEqual(['a minute', '15 minutes', 'an hour'])
    for (let minute = 0; minute < 60; minute++) {
      await guess(accounts)
      clock.advance(60)
    }
    clock.advance(3600)
    expect((await attempt(accounts, 'alice', 'open sesame')).sub).not.toBeNull()
  })

  test('unknown names wait as known ones do, and one name does not hold up another', async () => {
    const { accounts } = await setUp()
    for (let count = 0; count < 5; count++) await guess(accounts, 'nobody')
    expect((await guess(accounts, 'NOBODY')).status).toBe(429)
    expect((await attempt(accounts, 'alice', 'open sesame')).sub).not.toBeNull()
  })

  test('a success forgets the failures before it', async () => {
    const { accounts } = await setUp()
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 4; count++) await guess(accounts)
      expect((await attempt(accounts, 'alice', 'open sesame')).sub).not.toBeNull()
    }
  })

  test('many attempts at once are judged one after the other: five guesses and no more', async () => {
    const { accounts } = await setUp()
    const answers = await Promise.all(Array.from({ length: 20 }, () => guess(accounts)))
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(15)
  })

  test('many right sign-ins at once all succeed', async () => {
    const { accounts } = await setUp()
    const answers = await Promise.all(Array.from({ length: 12 }, () => attempt(accounts, 'alice', 'open sesame')))
    expect(answers.every(({ sub }) => sub !== null)).toBe(true)
  })
})

describe('people of the configuration', () => {
  test('keep their sub over restarts; an unchanged one is not written again', async () => {
    const { store, runtime } = await setUp()
    const before = await store.findByUsername('alice')
    await createAccounts({ store, runtime, users: [alice] })
    expect(await store.findByUsername('alice')).toEqual(before)
    expect(before?.sub).toMatch(/^[\w-]{22}$/)
    expect(JSON.stringify(before)).not.toContain('open sesame')
  })

  test('changed claims, rights and passwords are taken over, and only then', async () => {
    const { store, runtime, clock } = await setUp()
    const before = await store.findByUsername('alice')
    clock.advance(10)
    const changed = { username: 'alice', password: 'new', admin: true, claims: { name: 'Alice Roe' } }
    const accounts = await createAccounts({ store, runtime, users: [changed] })
    expect(await store.findByUsername('alice')).toMatchObject({
      sub: before?.sub,
      username: 'alice',
      admin: true,
      claims: { name: 'Alice Roe' },
      version: 2,
    })
    expect((await attempt(accounts, 'alice', 'open sesame')).sub).toBeNull()
    expect((await attempt(accounts, 'alice', 'new')).sub).toBe(before?.sub)
  })

  test('two nodes that start together agree on one account', async () => {
    const store = createMemoryAccountStore()
    const runtime = testRuntime()
    const nodes = await Promise.all([1, 2, 3].map(() => createAccounts({ store, runtime, users: [alice] })))
    const subs = await Promise.all(nodes.map(async (node) => (await attempt(node, 'alice', 'open sesame')).sub))
    expect(new Set(subs).size).toBe(1)
    expect(subs[0]).not.toBeNull()
  })

  test('every problem is told at once, without a password in it', async () => {
    const users = [
      alice,
      { ...alice, username: 'ALICE' },
      { username: ' ', password: '' },
      { ...alice, username: 'b', claims: { sub: 'x' } },
    ]
    const error = await setUp(users).then(
      () => null,
      (reason: unknown) => reason,
    )
    if (!(error instanceof ConfigError)) throw new Error('a ConfigError was expected')
    expect(error.problems.map((problem) => problem.split(':')[0])).toEqual([
      'users[1].username',
      'users[2].username',
      'users[2].password',
      'users[3].claims.sub',
    ])
    expect(error.message).not.toContain('open sesame')
  })
})

test('an outdated hash is replaced when its password is known', async () => {
  const { store, runtime, accounts } = await setUp([])
  const passwordHash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  const now = runtime.now()
  await store.create({
    sub: 'o',
    username: 'old',
    passwordHash,
    admin: false,
    claims: {},
    version: 1,
    createdAt: now,
    updatedAt: now,
  })
  expect((await attempt(accounts, 'old', 'password')).sub).toBe('o')
  expect((await store.find('o'))?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect((await attempt(accounts, 'old', 'password')).sub).toBe('o')
})

test('an account that is removed is gone with its failed attempts, and its name is free again', async () => {
  const { accounts, store, clock } = await setUp()
  const sub = (await store.findByUsername('alice'))?.sub ?? ''
  for (let round = 0; round < 5; round++) await attempt(accounts, 'alice', 'wrong')
  expect((await attempt(accounts, 'alice', 'open sesame')).sub).toBeNull()
  expect(await accounts.remove?.(sub)).toBe(true)
  expect(await accounts.remove?.(sub)).toBe(false)
  expect(await accounts.find(sub)).toBeNull()
  expect((await attempt(accounts, 'alice', 'open sesame')).sub).toBeNull()
  const record = {
    passwordHash: null,
    admin: false,
    claims: {},
    version: 1,
    createdAt: clock.now(),
    updatedAt: clock.now(),
  }
  expect(await store.create({ ...record, sub: 'another', username: 'alice' })).toBe('created')
})
