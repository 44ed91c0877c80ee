import { client } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { authorize, signedIn } from './test-authorize.ts'

describe('OIDC Core §3.1.2.1: prompt, max_age and hints', () => {
  test('prompt none: consent_required, and nothing is shown', async () => {
    const { person } = await signedIn()
    const { leftTo } = await person.open(authorize({ prompt: 'none', scope: 'openid email' }))
    expect(leftTo?.searchParams.get('error')).toBe('consent_required')
    expect((await person.open(authorize({ prompt: 'none' }))).leftTo?.searchParams.get('code')).toBeTruthy()
  })

  test('prompt login and select_account ask again, prompt consent asks again for consent', async () => {
    const { person } = await signedIn()
    expect((await person.open(authorize({ prompt: 'login' }))).text).toContain('Sign in')
    expect((await person.open(authorize({ prompt: 'select_account' }))).text).toContain('Sign in')
    expect((await person.open(authorize({ prompt: 'consent' }))).text).toContain('asks for access')
  })

  test('features 13: auth_time is that of this sign-in, and max_age counts from it', async () => {
    const { person, clock, store } = await signedIn()
    const sessions: number[] = []
    const create = store.codes.create.bind(store.codes)
    store.codes.create = async (record) => {
      sessions.push(record.grounds.authTime ?? 0)
      return create(record)
    }
    const start = clock.now()
    clock.advance(100)
    expect((await person.open(authorize({ max_age: '100' }))).leftTo).not.toBeNull()
    clock.advance(1)
    const page = await person.open(authorize({ max_age: '100' }))
    expect(page.leftTo).toBeNull()
    expect((await person.open(authorize({ max_age: '100', prompt: 'none' }))).leftTo?.searchParams.get('error')).toBe(
      'login_required',
    )
    expect((await person.post(`${page.path}/sign-in`, { username: 'alice' })).leftTo).not.toBeNull()
    expect(sessions).toEqual([start, start + 101])
  })

  test('max_age 0 is satisfied by signing in for this very request', async () => {
    const { person, clock } = await signedIn()
    const page = await person.open(authorize({ max_age: '0', prompt: 'consent' }))
    const consent = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    clock.advance(30)
    expect((await person.submit(consent, { decision: 'allow' })).leftTo?.searchParams.get('code')).toBeTruthy()
  })

  test('OIDC Registration §2: default_max_age counts where the request says nothing', async () => {
    const hasty = client({
      client_id: 'hasty',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['https://app.example.com/cb'],
      default_max_age: 60,
      require_consent: false,
    })
    const { person, clock } = await signedIn({ moreClients: [hasty] })
    const errorOf = async (changes: Record<string, string>) => {
      const { leftTo } = await person.open(authorize({ client_id: 'hasty', prompt: 'none', ...changes }))
      return leftTo?.searchParams.get('error')
    }
    expect(await errorOf({})).toBeNull()
    clock.advance(120)
    expect(await errorOf({})).toBe('login_required')
    expect(await errorOf({ max_age: '600' })).toBeNull()
  })

  test('id_token_hint: another person than the client expects is asked to sign in', async () => {
    const { person, signIn } = await signedIn()
    const { id_token: hint } = await signIn({ username: 'root' })
    expect(
      (await person.open(authorize({ id_token_hint: hint, prompt: 'none' }))).leftTo?.searchParams.get('error'),
    ).toBe('login_required')
    const page = await person.open(authorize({ id_token_hint: hint }))
    const other = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    expect(other.leftTo?.searchParams.get('error')).toBe('login_required')
  })

  test('a session ends with its lifetime and with its account', async () => {
    const { person, clock } = await signedIn({ lifetimes: { session: 3600 } })
    clock.advance(3601)
    expect((await person.open(authorize({ prompt: 'none' }))).leftTo?.searchParams.get('error')).toBe('login_required')
  })
})
