import { client, newPerson, testProvider } from '@latchkey/testing'
import { describe, expect, test } from 'vitest'

const spa = client({
  client_id: 'agent',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['https://agent.example.com/cb'],
  require_consent: false,
})
const query = (more: Record<string, string> = {}) =>
  `/authorize?${new URLSearchParams({
    client_id: 'agent',
    redirect_uri: 'https://agent.example.com/cb',
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...more,
  })}`

describe('profile mcp', () => {
  const mcp = () => testProvider({ profile: 'mcp', clients: [spa] })

  test('switches on metadata documents and registration, and says so', async () => {
    const { provider } = await mcp()
    expect(provider.metadata).toMatchObject({
      client_id_metadata_document_supported: true,
      registration_endpoint: `${provider.issuer}/register`,
      authorization_response_iss_parameter_supported: true,
      code_challenge_methods_supported: ['S256'],
    })
  })

  test('RFC 8707 §2: refuses an authorization request that names no resource', async () => {
    const person = newPerson((await mcp()).provider)
    expect((await person.open(query())).leftTo?.searchParams.get('error')).toBe('invalid_target')
    expect((await person.open(query({ resource: 'https://api.example.com' }))).leftTo).toBeNull()
  })

  test('refuses redirects that are neither https nor loopback, in the configuration and in registrations', async () => {
    const app = client({ ...spa, client_id: 'app', redirect_uris: ['com.example.app:/cb'] })
    await expect(testProvider({ profile: 'mcp', clients: [app] })).rejects.toThrow('neither https nor loopback')
    const { request } = await mcp()
    const register = async (uri: string) => {
      const body = JSON.stringify({ redirect_uris: [uri], token_endpoint_auth_method: 'none' })
      return (await request('/register', { method: 'POST', headers: { 'content-type': 'application/json' }, body }))
        .status
    }
    expect(await register('com.example.app:/cb')).toBe(400)
    expect(await register('http://127.0.0.1/cb')).toBe(201)
  })

  test('what an operator switched off stays off', async () => {
    const { provider } = await testProvider({
      profile: 'mcp',
      clients: [spa],
      registration: { mode: 'off' },
      clientIdMetadataDocuments: false,
    })
    expect(provider.metadata).not.toHaveProperty('registration_endpoint')
    expect(provider.metadata).not.toHaveProperty('client_id_metadata_document_supported')
  })
})

describe('profile fapi2', () => {
  const jwks = {
    keys: [
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
        y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      },
    ],
  }
  const strong = client({
    client_id: 'bank',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks,
    redirect_uris: ['https://bank.example.com/cb'],
  })

  test('FAPI 2.0 §5.3.2.1: a client with a secret, or without any proof, is refused at the start, with the fix', async () => {
    await expect(testProvider({ profile: 'fapi2' })).rejects.toThrow(
      /client_secret_basic; register it with private_key_jwt/,
    )
    await expect(testProvider({ profile: 'fapi2', clients: [spa] })).rejects.toThrow('authenticates with none')
  })

  test('FAPI 2.0 §5.3.2.1: a client of the store that does not fit is refused wherever it asks, and says why', async () => {
    const { provider, store, clock } = await testProvider({ profile: 'fapi2', clients: [strong] })
    const at = { version: 1, createdAt: clock.now(), updatedAt: clock.now() }
    await store.clients.create({ metadata: spa, secretHashes: [], ...at })
    const page = await newPerson(provider).open(query())
    expect(page.leftTo).toBeNull()
    expect(page.text).toContain('does not fit the profile fapi2')
  })

  test('FAPI 2.0 §5.3.2.2: authorization requests have to be pushed', async () => {
    const { provider } = await testProvider({ profile: 'fapi2', clients: [strong] })
    expect(provider.metadata.require_pushed_authorization_requests).toBe(true)
    const page = await newPerson(provider).open(query({ client_id: 'bank' }))
    expect(page.leftTo?.searchParams.get('code') ?? null).toBeNull()
    expect(`${page.text}${page.leftTo?.href}`).toMatch(/push/i)
  })

  test('FAPI 2.0 §5.3.2.1, §5.4.1: clients are bound to keys, do not rotate, and get no RS256', async () => {
    const { provider } = await testProvider({ profile: 'fapi2', clients: [strong] })
    expect(provider.metadata.issuer).toBe('https://id.example.com')
    const { fapi2 } = await import('./fapi2.ts')
    const { client_secret: _none, ...metadata } = strong
    expect(fapi2.client(metadata)).toMatchObject({
      require_pkce: true,
      dpop_bound_access_tokens: true,
      require_pushed_authorization_requests: true,
      refresh_token_policy: 'fapi',
      id_token_signed_response_alg: 'PS256',
    })
    const bound = fapi2.client({ ...metadata, tls_client_certificate_bound_access_tokens: true })
    expect(bound.dpop_bound_access_tokens).toBe(false)
  })

  test('FAPI 2.0 §5.4.1: an API whose access tokens would be signed otherwise is refused at the start', async () => {
    const weak = {
      identifier: 'https://api.example.com',
      name: 'API',
      scopes: [],
      access_token_format: 'jwt' as const,
      access_token_signing_alg: 'RS256' as const,
    }
    const starting = testProvider({ profile: 'fapi2', clients: [strong], resources: [weak] })
    await expect(starting).rejects.toThrow('access_token_signing_alg: must be one of PS256, ES256, EdDSA')
  })

  test('RFC 9449 §7.1: userinfo asks for proofs signed as the profile wants them', async () => {
    const { request } = await testProvider({ profile: 'fapi2', clients: [strong] })
    const challenge = (await request('/userinfo')).headers.get('www-authenticate')
    expect(challenge).toContain('algs="PS256 ES256 EdDSA"')
  })

  test('FAPI 2.0 §5.3.2.1: a code lives for a minute at most', async () => {
    const { fapi2 } = await import('./fapi2.ts')
    const given = { lifetimes: { authorization_code: 600 } } as Parameters<typeof fapi2.options>[0]
    expect(fapi2.options(given).lifetimes?.authorization_code).toBe(60)
    const shorter = { lifetimes: { authorization_code: 20 } } as Parameters<typeof fapi2.options>[0]
    expect(fapi2.options(shorter).lifetimes?.authorization_code).toBe(20)
  })
})

test('a profile that does not exist is refused with those that do', async () => {
  const profile = 'fapi1' as 'fapi2'
  await expect(testProvider({ profile })).rejects.toThrow('must be one of oauth2.1, fapi2, mcp')
})
