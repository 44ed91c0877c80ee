import { client, newPerson, type TestProviderOptions, testProvider } from '@latchkey/testing'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'

const challenge = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' }
const code_verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const of = (client_id: string, subject_type: 'public' | 'pairwise') =>
  client({
    client_id,
    token_endpoint_auth_method: 'none',
    redirect_uris: [`https://${client_id}.example/cb`],
    subject_type,
    require_consent: false,
  })

/** Alice is signed in; `ask` sends a request of a client in her browser. */
async function aliceSignedIn(more: TestProviderOptions = {}) {
  const moreClients = [of('plain', 'public'), of('notes', 'pairwise'), of('mail', 'pairwise')]
  const kit = await testProvider({ moreClients, ...more })
  const person = newPerson(kit.provider)
  const ask = (client_id: string, more: Record<string, string> = {}) => {
    const redirect_uri = `https://${client_id}.example/cb`
    const query = { client_id, redirect_uri, response_type: 'code', scope: 'openid', ...challenge, ...more }
    return person.open(`/authorize?${new URLSearchParams(query)}`)
  }
  const page = await ask('plain')
  await person.post(`${page.path}/sign-in`, { username: 'alice' })
  /** An ID token of this client for her. */
  const idToken = async (id: string) => {
    const { leftTo } = await ask(id, { prompt: 'none' })
    const code = leftTo?.searchParams.get('code') ?? ''
    const redirect_uri = `https://${id}.example/cb`
    return String(
      (await kit.token(id, { grant_type: 'authorization_code', code, redirect_uri, code_verifier })).id_token,
    )
  }
  const errorOf = async (id: string, more: Record<string, string>) =>
    (await ask(id, { prompt: 'none', ...more })).leftTo?.searchParams.get('error') ?? null
  return { ...kit, person, ask, idToken, errorOf }
}

const claims = (place: 'id_token' | 'userinfo', request: object) => ({
  claims: JSON.stringify({ [place]: { sub: request } }),
})

describe('OIDC Core §5.5.1: a sub asked for by value', () => {
  test.each(['id_token', 'userinfo'] as const)('in %s is the person who is signed in, or nobody', async (place) => {
    const { errorOf } = await aliceSignedIn()
    expect(await errorOf('plain', claims(place, { value: 'alice-1' }))).toBeNull()
    expect(await errorOf('plain', claims(place, { values: ['someone', 'alice-1'] }))).toBeNull()
    expect(await errorOf('plain', claims(place, { value: 'root-1' }))).toBe('login_required')
    expect(await errorOf('plain', claims(place, { values: [] }))).toBe('login_required')
    expect(await errorOf('plain', claims(place, { value: 7 }))).toBe('login_required')
    expect(await errorOf('plain', claims(place, { essential: true }))).toBeNull()
  })

  test('asks another person to sign in, and gives nothing to whoever else does', async () => {
    const { ask, person } = await aliceSignedIn()
    const page = await ask('plain', claims('id_token', { value: 'root-1' }))
    expect(page.text).toContain('username')
    const { leftTo } = await person.post(`${page.path}/sign-in`, { username: 'alice' })
    expect(leftTo?.searchParams.get('error')).toBe('login_required')
    expect(leftTo?.searchParams.has('code')).toBe(false)
    const again = await ask('plain', claims('id_token', { value: 'root-1' }))
    const right = await person.post(`${again.path}/sign-in`, { username: 'root' })
    expect(right.leftTo?.searchParams.get('code')).toBeTruthy()
  })

  test('and a hint have to mean the same person', async () => {
    const { idToken, errorOf, ask } = await aliceSignedIn()
    const id_token_hint = await idToken('plain')
    expect(await errorOf('plain', { id_token_hint, ...claims('id_token', { value: 'alice-1' }) })).toBeNull()
    const torn = { id_token_hint, ...claims('userinfo', { value: 'root-1' }) }
    expect(await errorOf('plain', torn)).toBe('login_required')
    // Nobody can be both: no page asks for what cannot be had.
    expect((await ask('plain', torn)).leftTo?.searchParams.get('error')).toBe('login_required')
  })
})

describe('OIDC Core §3.1.2.1, §8: id_token_hint of a client that knows people by a sub of its own', () => {
  test('means the same person to the same sector', async () => {
    const { idToken, errorOf } = await aliceSignedIn()
    const id_token_hint = await idToken('notes')
    expect(decodeJwt(id_token_hint).sub).not.toBe('alice-1')
    expect(await errorOf('notes', { id_token_hint })).toBeNull()
    expect(await errorOf('notes', claims('id_token', { value: decodeJwt(id_token_hint).sub }))).toBeNull()
  })

  test('means nobody to another sector, and neither does the sub behind it', async () => {
    const { idToken, errorOf } = await aliceSignedIn()
    const id_token_hint = await idToken('notes')
    expect(await errorOf('mail', { id_token_hint })).toBe('login_required')
    expect(await errorOf('plain', { id_token_hint })).toBe('login_required')
    expect(await errorOf('notes', { id_token_hint: await idToken('plain') })).toBe('login_required')
    expect(await errorOf('notes', claims('id_token', { value: 'alice-1' }))).toBe('login_required')
  })

  test('means the same person where her own sub is too long to be sealed in one', async () => {
    const people = [{ sub: 'a'.repeat(255), username: 'alice', admin: false, claims: {} }]
    const { idToken, errorOf, person } = await aliceSignedIn({ people })
    const id_token_hint = await idToken('notes')
    const { sub } = decodeJwt(id_token_hint)
    expect(sub).toMatch(/^[\w-]{43}$/)
    expect(await errorOf('notes', { id_token_hint })).toBeNull()
    expect(await errorOf('notes', claims('id_token', { value: sub }))).toBeNull()
    expect(await errorOf('mail', { id_token_hint })).toBe('login_required')
    expect(await errorOf('mail', claims('userinfo', { value: sub }))).toBe('login_required')
    const goodbye = await person.open(`/end-session?${new URLSearchParams({ id_token_hint })}`)
    expect(goodbye.status).toBe(200)
    expect(await errorOf('notes', {})).toBe('login_required')
  })
})
