import { ConfigError } from '@latchkey/protocol'
import { expect, test } from 'vitest'
import { createBff } from './create-bff.ts'
import type { BffOptions } from './options.ts'
import { createMemorySessionStore } from './session-store/memory-session-store.ts'
import { readSettings } from './settings.ts'

const options: BffOptions = {
  issuer: 'https://id.example.com',
  clientId: 'web',
  clientSecret: 'secret',
  baseUrl: 'https://app.example.com',
  store: createMemorySessionStore(),
  sessionKey: Uint8Array.from({ length: 32 }, (_, index) => index * 7),
}
const problemsOf = (changes: Partial<Record<keyof BffOptions | 'baseURL', unknown>>): readonly string[] => {
  try {
    createBff({ ...options, ...changes } as BffOptions).close()
    return []
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)]
  }
}

test('good options raise no problem, and the cookie can be set by this host over TLS only', () => {
  expect(problemsOf({})).toEqual([])
  expect(readSettings(options).jar).toMatchObject({ sessionName: '__Host-Http-latchkey', secure: true })
})

test('plain http has to be asked for, and then keeps programs on one host apart by their port', () => {
  expect(problemsOf({ baseUrl: 'http://127.0.0.1:6001' })).toEqual([expect.stringContaining('insecureHttp: true')])
  const { jar } = readSettings({ ...options, baseUrl: 'http://127.0.0.1:6001', insecureHttp: true })
  expect(jar).toMatchObject({ sessionName: 'latchkey-6001', secure: false })
})

test.each([
  ['missing', undefined, 'give 32 random bytes'],
  ['16 bytes long', new Uint8Array(16), '16 bytes'],
  ['all zeros', new Uint8Array(32), 'not random'],
  ['text', 'x'.repeat(32), 'give 32 random bytes'],
  ['an empty list', [], 'give 32 random bytes'],
])('a session key that is %s is refused with the fix', (_, sessionKey, fix) => {
  expect(problemsOf({ sessionKey })).toEqual([expect.stringContaining(fix)])
})

test.each([
  [{ baseURL: 'https://x' }, 'did you mean baseUrl?'],
  [{ baseUrl: 'https://app.example.com/app' }, 'write the origin alone: https://app.example.com'],
  [{ scope: 'profile' }, 'contains openid'],
  [{ basePath: '/bff/' }, 'plain path'],
  [{ basePath: '/../x' }, 'plain path'],
  [{ routes: [{ match: '/bff/api', target: 'http://a.test', token: 'user' }] }, 'collides'],
  [{ routes: [{ match: '/', target: 'http://a.test', token: 'user' }] }, 'plain path'],
  [{ routes: [{ match: '/api/*', target: 'http://a.test', token: 'user' }] }, 'plain path'],
  [{ routes: [{ match: '/api', target: 'ftp://a.test', token: 'user' }] }, 'no http(s) URL'],
  [{ routes: [{ match: '/api', target: 'http://a.test?x', token: 'user' }] }, 'remove the query'],
  [
    { routes: [{ match: '/api', target: 'http://a.test', token: 'somebody' }] },
    'say user, client, userOrClient, userOrNone, none',
  ],
  [{ clients: { apiClient: { baseAddress: 'api' } } }, 'clients.apiClient.baseAddress'],
  [{ clients: { apiClient: { baseAddress: 'https://a.test', resource: 'other' } } }, 'absolute URI'],
  [{ routes: [{ match: '/api', target: 'http://a.test', token: 'user', methods: ['get'] }] }, 'capitals'],
  [{ clients: { apiClient: { baseAddress: 'https://a.test', token: 'none', dpop: true } } }, 'clients.apiClient.dpop'],
  [{ forwardedFor: true }, 'forwardedFor: say false, or leave it out'],
  [{ dpop: 'yes' }, 'dpop: say true, or leave it out'],
  [{ loginParameters: ['redirect_uri'] }, 'ours to set'],
  [{ loginParameters: ['dpop_jkt'] }, 'ours to set'],
  [{ sessionsPerUser: 0 }, 'whole number'],
  [{ lifetimes: { idleSeconds: 0 } }, 'above 0'],
  [{ csrf: { name: 'X CSRF', value: '1' } }, 'no header name'],
])('the options %j are refused with their fix', (changes, fix) => {
  expect(problemsOf(changes)).toEqual([expect.stringContaining(fix)])
})

test('every problem is told at once', () => {
  expect(problemsOf({ clientId: '', clientSecret: '', baseUrl: 'x' })).toHaveLength(3)
})
