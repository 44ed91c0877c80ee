import {
  agentCertificate,
  client,
  derOf,
  expectOAuthError,
  selfSignedCertificate,
  type TestProviderOptions,
  testApi,
  testKey,
  testProvider,
} from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { isSubject } from '../sender-constraint/distinguished-name.ts'

const form = { grant_type: 'client_credentials', client_id: 'agent' }
const registration = {
  client_id: 'agent',
  grant_types: ['client_credentials'],
  scope: 'jobs:run',
} as const

/** A provider whose connection shows this certificate, or none. */
async function asking(metadata: object, shown: { der: Uint8Array; trusted: boolean } | null, hasAuthorities = true) {
  let presented = shown
  const mutualTls = { hasAuthorities, clientCertificate: () => presented }
  const options: TestProviderOptions = { mutualTls, moreClients: [client({ ...registration, ...metadata })] }
  const kit = await testProvider(options)
  const send = async (more: object = {}) => {
    const response = await kit.request('/token', { method: 'POST', body: new URLSearchParams({ ...form, ...more }) })
    return { status: response.status, body: await response.json() }
  }
  const show = (next: typeof shown) => {
    presented = next
  }
  return { ...kit, send, show }
}

const agent = { der: derOf(agentCertificate.cert), trusted: true }
const self = { der: derOf(selfSignedCertificate.cert), trusted: false }

describe('tls_client_auth', () => {
  const names: readonly [string, string, string][] = [
    ['tls_client_auth_subject_dn', 'CN=agent,OU=Robots,O=Acme\\, Inc.,C=DE', 'CN=agent,OU=Robots,O=Acme,C=DE'],
    ['tls_client_auth_san_dns', 'agent.example.com', 'example.com'],
    ['tls_client_auth_san_uri', 'spiffe://acme.example/agent', 'spiffe://acme.example/'],
    ['tls_client_auth_san_ip', '192.0.2.7', '192.0.2.8'],
    ['tls_client_auth_san_email', 'agent@acme.example', 'other@acme.example'],
  ]
  test.each(names)('RFC 8705 §2, §2.1.2: the certificate must have the registered %s', async (field, right, wrong) => {
    const method = { token_endpoint_auth_method: 'tls_client_auth' }
    expect((await (await asking({ ...method, [field]: right }, agent)).send()).status).toBe(200)
    const refused = await (await asking({ ...method, [field]: wrong }, agent)).send()
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('RFC 8705 §2.1: no certificate, one of no authority, or client_id alone is refused', async () => {
    const method = { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'agent.example.com' }
    expect((await (await asking(method, null)).send()).status).toBe(401)
    expect((await (await asking(method, { ...agent, trusted: false })).send()).status).toBe(401)
    expect((await (await asking(method, { der: new Uint8Array(9), trusted: true })).send()).status).toBe(401)
    expect((await (await asking(method, agent, false)).send()).status).toBe(401)
  })

  test('metadata names the methods of certificates where they are set up, and not otherwise', async () => {
    const without = await testProvider()
    expect(without.provider.metadata.token_endpoint_auth_methods_supported).not.toContain('tls_client_auth')
    expect(without.provider.metadata).not.toHaveProperty('tls_client_certificate_bound_access_tokens')
    const mutualTls = { hasAuthorities: false, clientCertificate: () => null, endpointBase: 'https://mtls.example.com' }
    const { metadata } = (await testProvider({ mutualTls })).provider
    expect(metadata.token_endpoint_auth_methods_supported).toContain('self_signed_tls_client_auth')
    expect(metadata.token_endpoint_auth_methods_supported).not.toContain('tls_client_auth')
    expect(metadata).toMatchObject({
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: { token_endpoint: 'https://mtls.example.com/token' },
    })
  })
})

describe('self_signed_tls_client_auth', () => {
  const x5c = Buffer.from(self.der).toString('base64')

  test('RFC 8705 §2.2: the certificate must be the x5c of a registered key', async () => {
    const jwk = { ...(await testKey()).publicJwk, x5c: [x5c] }
    const method = { token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: { keys: [jwk] } }
    const kit = await asking(method, self)
    expect((await kit.send()).status).toBe(200)
    kit.show(agent)
    expect((await kit.send()).status).toBe(401)
    kit.show(null)
    expect((await kit.send()).status).toBe(401)
  })
})

describe('certificate-bound tokens', () => {
  test('RFC 8705 §4: the refresh token of a public client is bound to its certificate', async () => {
    const app = {
      client_id: 'app',
      scope: 'openid',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://app.example.com/cb'],
      tls_client_certificate_bound_access_tokens: true,
    } as const
    const kit = await asking(app, agent)
    const tokens = await kit.signIn({ client: 'app', scope: 'openid' })
    kit.show(self)
    await expectOAuthError(kit.refresh(tokens), 'invalid_grant')
    kit.show(agent)
    expect((await kit.refresh(tokens)).access_token).toBeTruthy()
  })

  test('RFC 8705 §3, §3.2: a bound token works over a connection with its certificate alone, and introspection names it', async () => {
    const web = {
      client_id: 'mtls',
      scope: 'openid profile email',
      client_secret: 'x'.repeat(32),
      token_endpoint_auth_method: 'client_secret_post',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://app.example.com/cb'],
      tls_client_certificate_bound_access_tokens: true,
    } as const
    const kit = await asking(web, agent)
    const tokens = await kit.signIn({ client: 'mtls', resource: testApi })
    expect(tokens.token_type).toBe('Bearer')
    const claims = JSON.parse(Buffer.from(tokens.access_token.split('.')[1] ?? '', 'base64url').toString())
    expect(claims.cnf['x5t#S256']).toMatch(/^[A-Za-z0-9_-]{43}$/)
    const userinfo = async () =>
      kit.request('/userinfo', { headers: { authorization: `Bearer ${tokens.access_token}` } })
    expect((await userinfo()).status).toBe(200)
    const introspected = await kit.post('/introspect', 'mtls', { token: tokens.access_token })
    expect(await introspected.json()).toMatchObject({ active: true, cnf: claims.cnf })
    kit.show(self)
    const refused = await userinfo()
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"')
    kit.show(null)
    expect((await userinfo()).status).toBe(401)
    await expect(kit.refresh(tokens)).rejects.toThrow('invalid_request')
  })
})

test.each([
  ['CN=agent,OU=Robots', 'OU=Robots\nCN=agent', true],
  ['cn=agent , ou=Robots', 'OU=Robots\nCN=agent', true],
  ['2.5.4.3=agent,2.5.4.11=Robots', 'OU=Robots\nCN=agent', true],
  ['OU=Robots,CN=agent', 'OU=Robots\nCN=agent', false],
  ['CN=agent', 'OU=Robots\nCN=agent', false],
  ['CN=agent,OU=robots', 'OU=Robots\nCN=agent', false],
  ['CN=a\\2Cb', 'CN=a\\,b', true],
  ['CN=a+UID=7', 'UID=7 + CN=a', true],
  ['CN=agent\\,OU=Robots', 'OU=Robots\nCN=agent', false],
  ['', 'CN=agent', false],
  ['agent', 'CN=agent', false],
])('RFC 4514 §2: "%s" and the subject %j: %s', (registered, subject, expected) => {
  expect(isSubject(subject, registered)).toBe(expected)
})
