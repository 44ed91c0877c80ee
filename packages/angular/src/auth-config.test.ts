import { type AuthPart, ConfigError } from '@latchkey/browser'
import { describe, expect, test } from 'vitest'
import { ignoredOptions, toAuthConfigs } from './auth-config.ts'
import type { OpenIdConfiguration } from './open-id-configuration.ts'
import { metadataAccess } from './provider-metadata.ts'

const config: OpenIdConfiguration = { authority: 'https://id.example.com', clientId: 'spa' }

function problemsOf(given: unknown): readonly string[] {
  try {
    toAuthConfigs(given as OpenIdConfiguration)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the options that Angular developers know', () => {
  test('become the browser core’s configuration', () => {
    const [mapped] = toAuthConfigs({
      ...config,
      redirectUrl: 'https://app.example.com/callback',
      postLogoutRedirectUri: 'https://app.example.com/',
      scope: 'openid read:messages',
      responseType: 'code',
      silentRenew: true,
      silentRenewUrl: 'https://app.example.com/silent-callback.html',
      useRefreshToken: true,
      renewTimeBeforeTokenExpiresInSeconds: 45,
      secureRoutes: ['/api'],
      customParamsAuthRequest: { audience: 'https://api.example.com', max_age: 300 },
    })
    expect(mapped).toMatchObject({
      configId: 'default',
      issuer: 'https://id.example.com',
      clientId: 'spa',
      redirectUri: 'https://app.example.com/callback',
      postLogoutRedirectUri: 'https://app.example.com/',
      silentRedirectUri: 'https://app.example.com/silent-callback.html',
      scope: 'openid read:messages',
      secureRoutes: ['/api'],
      renewBeforeExpirySeconds: 45,
      extraParameters: { audience: 'https://api.example.com', max_age: '300' },
      parts: [
        expect.objectContaining({ silent: expect.anything() }),
        expect.objectContaining({ connection: expect.anything() }),
        metadataAccess,
      ],
    })
  })

  test('RFC 8707 §2: the parameter resource names the API at every request, not at sign-in alone', () => {
    const [mapped] = toAuthConfigs({ ...config, customParamsAuthRequest: { resource: 'https://api.example.com' } })
    expect(mapped).toMatchObject({ resource: 'https://api.example.com', extraParameters: {} })
  })

  test('renew no token ahead of time unless silentRenew asks for it', () => {
    const before = (given: OpenIdConfiguration) => toAuthConfigs(given)[0]?.renewBeforeExpirySeconds
    expect(before(config)).toBe(0)
    expect(before({ ...config, silentRenew: false, renewTimeBeforeTokenExpiresInSeconds: 45 })).toBe(0)
    expect(before({ ...config, silentRenew: true })).toBe(30)
  })

  test('choose parts of the core: pushed requests, the session monitor, those of the application', () => {
    const own: AuthPart = {}
    const [mapped] = toAuthConfigs({
      ...config,
      usePushedAuthorisationRequests: true,
      startCheckSession: true,
      parts: [own],
    })
    const [silent, signatures, metadata, pushed, monitor, ...others] = mapped?.parts ?? []
    const joins = (part: AuthPart | undefined) => part?.connection?.({} as never, {} as never)
    expect(silent?.silent).toBeDefined()
    expect(joins(signatures)).toEqual({ checkIdToken: expect.any(Function) })
    expect(joins(pushed)).toEqual({ push: expect.any(Function) })
    expect([metadata, monitor?.watch?.name]).toEqual([metadataAccess, 'watch'])
    expect(others).toEqual([own])
  })

  test('name several configurations by position where they have no configId', () => {
    expect(toAuthConfigs([config, config]).map((one) => one.configId)).toEqual(['default', '1'])
  })
})

describe('a wrong configuration', () => {
  test('is refused with every problem of every configuration at once', () => {
    const problems = problemsOf([
      { clientId: 'spa', silentRenew: 'yes' },
      { authority: '', clientId: 'spa', configId: 'b' },
    ])
    expect(problems).toEqual([
      'config "default": authority is missing',
      'config "default": silentRenew must be true or false',
      'config "b": authority must be a non-empty string',
    ])
  })

  test.each([
    'disableIdTokenValidation',
    'disableIatOffsetValidation',
    'issValidationOff',
    'strictIssuerValidationOnWellKnownRetrievalOff',
    'disableRefreshIdTokenAuthTimeValidation',
    'maxIdTokenIatOffsetAllowedInSeconds',
    'ignoreNonceAfterRefresh',
    'disablePkce',
    'allowUnsafeReuseRefreshToken',
    'historyCleanupOff',
  ])('features 33: %s does not switch a check off; said to be off itself, it does no harm', (option) => {
    const [problem, ...others] = problemsOf({ ...config, [option]: true })
    expect(others).toEqual([])
    expect(problem).toMatch(new RegExp(`^config "default": ${option} is not supported: remove it`))
    expect(problemsOf({ ...config, [option]: false })).toEqual([])
  })

  test('does not come from an option that has no meaning here: the log says why it changes nothing', () => {
    const given = { ...config, silentRenewTimeoutInSeconds: 20, ngswBypass: true }
    expect(problemsOf(given)).toEqual([])
    expect(ignoredOptions(given)).toEqual([
      'silentRenewTimeoutInSeconds has no effect: a silent sign-in ends by itself',
      'ngswBypass has no effect: leave the provider out of the service worker',
    ])
  })

  test('RFC 9700 §2.1.2: the implicit flow is refused', () => {
    expect(problemsOf({ ...config, responseType: 'id_token token' })).toEqual([
      'config "default": responseType must be "code": the implicit flow leaks tokens (RFC 9700 §2.1.2)',
    ])
  })

  test('names the option that a misspelt one resembles', () => {
    expect(problemsOf({ ...config, postLogoutRedirectUrl: 'https://app.example.com/' })).toEqual([
      'config "default": postLogoutRedirectUrl is unknown; did you mean postLogoutRedirectUri?',
    ])
  })

  test('does not let two configurations share a configId', () => {
    const twice = [
      { ...config, configId: 'a' },
      { ...config, configId: 'a' },
    ]
    expect(problemsOf(twice)).toEqual(['configId: "a" is used twice; name each configuration differently'])
  })

  test('is refused when there is none at all', () => {
    expect(problemsOf([])).toEqual(['config: give at least one configuration'])
  })

  test('is no place for a client secret', () => {
    expect(problemsOf({ ...config, clientSecret: 'x' })[0]).toContain('a page in a browser cannot keep a secret')
  })
})
