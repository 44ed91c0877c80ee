import type { ClaimsRequest } from '@latchkey/protocol'
import { client, type TestProvider, type TestProviderOptions, testApi, testProvider } from '@latchkey/testing'
import { decodeJwt } from 'jose'
import { describe, expect, test } from 'vitest'

const person = {
  sub: 'ada-1',
  username: 'ada',
  admin: false,
  claims: {
    name: 'Ada',
    email: 'ada@example.com',
    email_verified: true,
    address: { country: 'GB' },
    phone_number: '+44 1',
    org_id: 'acme',
    secret_note: 'x',
  },
}
const app = client({
  client_id: 'app',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://app.example.com/cb'],
  scope: 'openid profile email address phone org',
})
const scopes = { org: ['org_id'] }

/** Signs Ada in with this `claims` parameter; the claims of the ID token and of userinfo. */
async function learn(
  options: TestProviderOptions,
  asked: { scope: string; claims?: ClaimsRequest; resource?: string },
) {
  const kit = await testProvider({ people: [person], moreClients: [app], scopes, ...options })
  const { claims, ...rest } = asked
  const { form, code } = await kit.code({ client: 'app', username: 'ada', ...rest })
  if (claims !== undefined) await withClaims(kit, code, claims)
  const { id_token, access_token } = await kit.token('app', form)
  const userinfo = await kit.request('/userinfo', { headers: { authorization: `Bearer ${access_token}` } })
  return { idToken: decodeJwt(String(id_token)), userinfo: await userinfo.json(), access_token, kit }
}

/** The code again, with the `claims` parameter that the authorization endpoint would have stored. */
async function withClaims({ store }: TestProvider, code: string, claims: ClaimsRequest): Promise<void> {
  const found = store.codes.find
  store.codes.find = async (hash) => {
    const record = await found(hash)
    return record === null ? null : { ...record, grounds: { ...record.grounds, claims } }
  }
  expect(code).toBeTruthy()
}

describe('OIDC Core §5.4: claims by scope', () => {
  test('each scope tells its own claims and no other', async () => {
    const { userinfo } = await learn({}, { scope: 'openid email phone address' })
    const { sub, email, email_verified, phone_number, address } = { sub: 'ada-1', ...person.claims }
    expect(userinfo).toEqual({ sub, email, email_verified, phone_number, address })
  })

  test('a scope of the configuration tells the claims listed there, with an API’s token too', async () => {
    for (const more of [{}, { resource: testApi }]) {
      const { idToken, userinfo } = await learn({}, { scope: 'openid org', ...more })
      expect(idToken.org_id).toBe('acme')
      expect(userinfo).toEqual({ sub: 'ada-1', org_id: 'acme' })
    }
  })

  test('a scope may be a function of the account', async () => {
    const org = async ({ username }: { username: string }) => ({
      org_roles: [`${username}-owner`],
      sub: 'forged',
      iss: 'x',
    })
    const { userinfo, idToken } = await learn({ scopes: { org } }, { scope: 'openid org' })
    expect(userinfo).toEqual({ sub: 'ada-1', org_roles: ['ada-owner'] })
    expect(idToken).toMatchObject({ sub: 'ada-1', iss: 'https://id.example.com', org_roles: ['ada-owner'] })
  })

  test('discovery lists scopes and claims of the configuration', async () => {
    const { provider } = await testProvider({ scopes })
    expect(provider.metadata.scopes_supported).toContain('org')
    expect(provider.metadata.claims_supported).toContain('org_id')
    expect(provider.metadata.claims_parameter_supported).toBe(true)
  })

  test('a scope that would set a claim of the provider’s own is refused at start', async () => {
    await expect(testProvider({ scopes: { org: ['aud'], openid: ['x'] } })).rejects.toMatchObject({
      problems: [expect.stringContaining('"aud" is set by'), expect.stringContaining('scopes.openid')],
    })
  })
})

describe('OIDC Core §5.5: claims by name', () => {
  test('stand where they were asked for, and only there', async () => {
    const claims = { id_token: { email: null }, userinfo: { name: { essential: true } } }
    for (const more of [{}, { resource: testApi }]) {
      const { idToken, userinfo } = await learn({}, { scope: 'openid', claims, ...more })
      expect(idToken).toMatchObject({ email: 'ada@example.com' })
      expect(idToken).not.toHaveProperty('name')
      expect(userinfo).toEqual({ sub: 'ada-1', name: 'Ada' })
    }
  })

  test('§5.5.1: one of which another value was asked for is left out', async () => {
    const userinfo = { org_id: { values: ['acme', 'x'] }, email: { value: 'other@example.com' } }
    expect((await learn({}, { scope: 'openid', claims: { userinfo } })).userinfo).toEqual({
      sub: 'ada-1',
      org_id: 'acme',
    })
  })

  test('a client learns nothing by name that no scope of its own could tell it', async () => {
    const userinfo = { secret_note: null, phone_number: null, aud: null }
    const { userinfo: told } = await learn({}, { scope: 'openid', claims: { userinfo } })
    expect(told).toEqual({ sub: 'ada-1', phone_number: '+44 1' })
  })
})

describe('hooks that shape tokens and answers', () => {
  test('add claims, each at its own place, and override nothing', async () => {
    const hook = (place: string) => () => ({
      place,
      sub: 'forged',
      iss: 'https://evil.example',
      active: false,
      name: 'Eve',
    })
    const shape = {
      idToken: hook('id'),
      accessToken: hook('access'),
      userinfo: hook('userinfo'),
      introspection: hook('introspection'),
    }
    const asked = { scope: 'openid profile', resource: testApi }
    const { idToken, userinfo, access_token, kit } = await learn({ shape }, asked)
    const iss = 'https://id.example.com'
    expect(idToken).toMatchObject({ place: 'id', sub: 'ada-1', iss, name: 'Ada' })
    expect(userinfo).toEqual({ place: 'userinfo', sub: 'ada-1', name: 'Ada', preferred_username: 'ada' })
    expect(decodeJwt(access_token)).toMatchObject({ place: 'access', sub: 'ada-1', iss })
    const introspected = await (await kit.post('/introspect', 'api', { token: access_token })).json()
    expect(introspected).toMatchObject({ place: 'introspection', active: true, sub: 'ada-1', iss })
  })

  test('are told whom and what the token is for', async () => {
    const accessToken = (about: object) => ({ about })
    const { access_token } = await learn({ shape: { accessToken } }, { scope: 'openid', resource: testApi })
    expect(decodeJwt(access_token).about).toMatchObject({
      sub: 'ada-1',
      client: { client_id: 'app' },
      scope: ['openid'],
      resource: testApi,
      accountClaims: { org_id: 'acme' },
    })
  })
})
