import { expect, test } from 'vitest'
import { protectedResource } from './protected-resource.ts'

const authorizationServers = ['https://id.example.com']

test('RFC 9728 §2: the document says what was configured, and nothing that was not', () => {
  const { body } = protectedResource({ resource: 'https://api.example.com', authorizationServers })
  expect(JSON.parse(body)).toEqual({
    resource: 'https://api.example.com',
    authorization_servers: authorizationServers,
    bearer_methods_supported: ['header'],
  })
  const whole = protectedResource({
    resource: 'https://api.example.com',
    authorizationServers,
    scopesSupported: ['read:messages'],
    resourceName: 'Messages',
    resourceDocumentation: 'https://api.example.com/docs',
    resourcePolicyUri: 'https://api.example.com/policy',
    resourceTosUri: 'https://api.example.com/terms',
    dpopBoundAccessTokensRequired: true,
    dpopSigningAlgs: ['ES256'],
    tlsClientCertificateBoundAccessTokens: true,
    authorizationDetailsTypesSupported: ['payment'],
    tokenPlaces: ['header', 'form', 'query'],
  })
  expect(JSON.parse(whole.body)).toMatchObject({
    scopes_supported: ['read:messages'],
    resource_name: 'Messages',
    resource_documentation: 'https://api.example.com/docs',
    resource_policy_uri: 'https://api.example.com/policy',
    resource_tos_uri: 'https://api.example.com/terms',
    dpop_bound_access_tokens_required: true,
    dpop_signing_alg_values_supported: ['ES256'],
    tls_client_certificate_bound_access_tokens: true,
    authorization_details_types_supported: ['payment'],
    bearer_methods_supported: ['header', 'body', 'query'],
  })
})

test.each([
  ['https://api.example.com', '/.well-known/oauth-protected-resource', ''],
  ['https://api.example.com/', '/.well-known/oauth-protected-resource', ''],
  ['https://api.example.com/v1/messages', '/.well-known/oauth-protected-resource/v1/messages', ''],
  ['https://api.example.com/v1?tenant=a', '/.well-known/oauth-protected-resource/v1', '?tenant=a'],
])('RFC 9728 §3.1: the document of %s stands at %s', (resource, path, search) => {
  const made = protectedResource({ resource, authorizationServers })
  expect([made.path, made.url]).toEqual([path, `https://api.example.com${path}${search}`])
})

test.each(['api', 'ftp://api.example.com', 'https://api.example.com/#x'])(
  'RFC 9728 §1.2: %s is no resource identifier',
  (resource) => {
    expect(() => protectedResource({ resource, authorizationServers })).toThrow('must be an https URL')
  },
)
