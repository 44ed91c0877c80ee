import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { describe, expect, test } from 'vitest'
import { exampleConfig } from './example.ts'
import { parseConfig, readConfig } from './read-config.ts'
import type { ServeConfig } from './serve-config.ts'

const least = { issuer: 'http://127.0.0.1:8000', store: 'memory' }

function parse(value: unknown, environment: Record<string, string> = {}): ServeConfig {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return parseConfig({ name: 'latchkey.json', text, directory: '/srv/id', environment })
}

function problemsOf(value: unknown, environment?: Record<string, string>): readonly string[] {
  try {
    parse(value, environment)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

/** The example of the interface's description, to the letter. */
const described = `{
  "issuer": "http://127.0.0.1:8000",
  "listen": { "host": "127.0.0.1", "port": 8000, "tls": { "key": "key.pem", "cert": "cert.pem" } },
  "store": { "sqlite": "latchkey.db" },
  "lifetimes": { "access_token": 3600, "id_token": 600, "authorization_code": 60, "refresh_token_idle": 1209600, "refresh_token_absolute": 7776000 },
  "clients": [{ "client_id": "web", "client_secret": "…", "client_name": "Web", "redirect_uris": ["http://127.0.0.1:9000/cb"],
                "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"], "scope": "openid profile email offline_access",
                "token_endpoint_auth_method": "client_secret_basic", "require_pkce": true, "require_consent": true }],
  "users": [{ "username": "alice", "password": "…", "claims": { "name": "Alice Doe", "email": "alice@example.com", "email_verified": true } }],
  "resources": [{ "identifier": "https://api.example.com", "name": "Example API", "scopes": ["read:messages"], "access_token_format": "jwt", "access_token_signing_alg": "ES256" }]
}`

describe('what is read', () => {
  test('the described configuration is read whole, with paths from its own folder', () => {
    const config = parse(described)
    expect(config).toMatchObject({
      issuer: 'http://127.0.0.1:8000',
      listen: { host: '127.0.0.1', port: 8000, tls: { key: '/srv/id/key.pem', cert: '/srv/id/cert.pem' } },
      store: { kind: 'sqlite', file: '/srv/id/latchkey.db' },
      encryptionKeyFile: '/srv/id/latchkey.db.key',
      lifetimes: { access_token: 3600, refresh_token_absolute: 7_776_000 },
      users: [{ username: 'alice', admin: false, claims: { email_verified: true } }],
      queryAccessTokens: false,
      log: 'text',
    })
    expect(config.clients[0]).toMatchObject({ client_id: 'web', client_secret: '…', require_pkce: true })
    expect(config.resources[0]).toMatchObject({ identifier: 'https://api.example.com', scopes: ['read:messages'] })
    expect(config.warnings).toEqual([
      'listen.tls is set, so the server speaks https only, yet issuer is "http://127.0.0.1:8000"',
    ])
  })

  test('the printed example is one that works, with a secret and a password of its own', () => {
    const [one, two] = [parse(exampleConfig(systemRuntime)), parse(exampleConfig(systemRuntime))]
    expect(one.clients[0]?.client_secret).not.toBe(two.clients[0]?.client_secret)
    expect(one.users[0]?.password).not.toBe(two.users[0]?.password)
  })

  test('what is left out follows from the issuer', () => {
    expect(parse({ ...least, issuer: 'http://localhost:9000' }).listen).toEqual({
      host: '127.0.0.1',
      port: 9000,
      tls: null,
      drainGraceSeconds: 0,
    })
    expect(parse({ ...least, issuer: 'https://id.example.com' }).listen.port).toBe(8000)
  })

  test('the memory store keeps its encryption key in memory, unless a file is named', () => {
    expect(parse(least)).toMatchObject({ store: { kind: 'memory' }, encryptionKeyFile: null })
    expect(parse({ ...least, encryption_key_file: 'a.key' }).encryptionKeyFile).toBe('/srv/id/a.key')
  })

  test('OIDC_TOKEN_EXPIRE has the last word on the access token', () => {
    const lifetimes = { access_token: 60, id_token: 61 }
    expect(parse({ ...least, lifetimes }, { OIDC_TOKEN_EXPIRE: '5' }).lifetimes).toEqual({
      access_token: 5,
      id_token: 61,
    })
    expect(parse({ ...least, lifetimes }, { OIDC_TOKEN_EXPIRE: '' }).lifetimes.access_token).toBe(60)
  })

  test('port 0 takes any free port where the issuer says so or is reached through a proxy', () => {
    expect(problemsOf({ ...least, issuer: 'http://127.0.0.1:0', listen: { port: 0 } })).toEqual([])
    expect(problemsOf({ ...least, issuer: 'https://id.example.com', listen: { port: 0 } })).toEqual([])
    expect(problemsOf({ ...least, listen: { port: 0 } })[0]).toContain('issuer must end in ":0" too')
    expect(problemsOf({ ...least, issuer: 'http://127.0.0.1:0', listen: { port: 80 } })[0]).toContain('listen.port 0')
  })
})

const client = { client_id: 'a', client_secret: 's', redirect_uris: ['https://a.example/cb'] }
const user = { username: 'alice', password: 'p' }
const resource = { identifier: 'https://api.example.com' }

describe('what is refused', () => {
  test.each<[string, unknown, string]>([
    [
      'an unknown key at the top',
      { ...least, isuer: '' },
      'isuer (line 1): unknown key "isuer"; did you mean "issuer"?',
    ],
    [
      'one in listen',
      { ...least, listen: { prot: 1 } },
      'listen.prot (line 1): unknown key "prot"; did you mean "port"?',
    ],
    [
      'one in tls',
      { ...least, listen: { tls: { key: 'k', cart: 'c' } } },
      'listen.tls.cart (line 1): unknown key "cart"; did you mean "cert"?',
    ],
    [
      'one in store',
      { ...least, store: { sqlit: 'x' } },
      'store.sqlit (line 1): unknown key "sqlit"; did you mean "sqlite"?',
    ],
    [
      'one in lifetimes',
      { ...least, lifetimes: { acess_token: 1 } },
      'lifetimes.acess_token (line 1): unknown key "acess_token"; did you mean "access_token"?',
    ],
    [
      'one in a client',
      { ...least, clients: [{ ...client, redirect_urls: [] }] },
      'clients[0].redirect_urls (line 1): unknown key "redirect_urls"; did you mean "redirect_uris"?',
    ],
    [
      'one in a user',
      { ...least, users: [{ ...user, clams: {} }] },
      'users[0].clams (line 1): unknown key "clams"; did you mean "claims"?',
    ],
    [
      'one in a resource',
      { ...least, resources: [{ ...resource, scope: [] }] },
      'resources[0].scope (line 1): unknown key "scope"; did you mean "scopes"?',
    ],
    [
      'a key that resembles none',
      { ...least, zzzzzzzz: 1 },
      'zzzzzzzz (line 1): unknown key "zzzzzzzz"; known keys: issuer, listen,',
    ],
    ['no issuer', { store: 'memory' }, 'issuer: is missing'],
    ['an issuer over http', { ...least, issuer: 'http://id.example.com' }, 'issuer (line 1): use https'],
    [
      'an issuer with a slash at its end',
      { ...least, issuer: 'http://127.0.0.1:8000/' },
      'remove the slash at the end',
    ],
    ['no store', { issuer: least.issuer }, 'store: is missing; write "memory" or { "sqlite": "latchkey.db" }'],
    ['an unknown store', { ...least, store: 'postgres' }, 'store (line 1): is unknown; write "memory"'],
    [
      'a grace longer than an hour',
      { ...least, listen: { drain_grace: 3601 } },
      'listen.drain_grace (line 1): must be a whole number from 0 to 3600, not 3601',
    ],
    [
      'a port that is none',
      { ...least, listen: { port: 70_000 } },
      'listen.port (line 1): must be a whole number from 0 to 65535, not 70000',
    ],
    [
      'tls without a certificate',
      { ...least, listen: { tls: { key: 'k' } } },
      'listen.tls.cert (line 1): is missing; name a PEM file',
    ],
    [
      'a lifetime of nothing',
      { ...least, lifetimes: { id_token: 0 } },
      'lifetimes.id_token (line 1): must be a whole number from 1 to',
    ],
    [
      'a confidential client without a secret',
      { ...least, clients: [{ ...client, client_secret: undefined }] },
      'clients[0] (line 1): client_secret is missing',
    ],
    [
      'a redirect URI with a wildcard',
      { ...least, clients: [{ ...client, redirect_uris: ['https://*.example'] }] },
      'clients[0].redirect_uris (line 1): "https://*.example" must not have a wildcard',
    ],
    [
      'the same client twice',
      { ...least, clients: [client, client] },
      'clients[1].client_id (line 1): "a" stands at clients[0] already',
    ],
    [
      'a client of an unknown resource',
      { ...least, clients: [{ ...client, resources: ['https://x.example'] }] },
      '"https://x.example" is none of the identifiers',
    ],
    [
      'the same person in other letters',
      { ...least, users: [user, { ...user, username: 'ALICE' }] },
      'users[1].username (line 1): "alice" stands at users[0] already',
    ],
    ['a person without a password', { ...least, users: [{ username: 'a' }] }, 'users[0].password (line 1): is missing'],
    [
      'a sub among the claims',
      { ...least, users: [{ ...user, claims: { sub: '1' } }] },
      'users[0].claims.sub (line 1): remove it',
    ],
    [
      'a resource that is no URI',
      { ...least, resources: [{ identifier: 'api' }] },
      'resources[0].identifier (line 1): must be an absolute URI',
    ],
    [
      'a scope with a space',
      { ...least, resources: [{ ...resource, scopes: ['a b'] }] },
      'resources[0].scopes[0] (line 1): must be a scope value',
    ],
    [
      'a description of no scope',
      { ...least, resources: [{ ...resource, scopes: ['read'], scope_descriptions: { raed: 'x' } }] },
      'unknown key "raed"; did you mean "read"?',
    ],
    [
      'a switch that is no boolean',
      { ...least, query_access_tokens: 'yes' },
      'query_access_tokens (line 1): must be true or false',
    ],
    ['an unknown log', { ...least, log: 'xml' }, 'log (line 1): must be one of "json", "text", "none"'],
    ['something else than an object', [], 'latchkey.json: must be an object'],
  ])('%s', (_, value, problem) => {
    expect(problemsOf(value).join('\n')).toContain(problem)
  })

  test('every problem comes at once, each with its line', () => {
    const text =
      '{\n"isuer": 1,\n"store": "memory",\n"lifetimes": {\n"id_token": -1 },\n"clients": [ {}, { "client_id": 1 } ] }'
    const problems = problemsOf(text)
    expect(problems.length).toBeGreaterThanOrEqual(5)
    expect(problems.find((problem) => problem.startsWith('lifetimes.id_token'))).toContain('(line 5)')
    expect(problems.find((problem) => problem.startsWith('clients[1].client_id'))).toContain('(line 6)')
  })

  test.each(['0', '-1', '1.5', 'soon', '1e3'])('OIDC_TOKEN_EXPIRE=%s', (value) => {
    expect(problemsOf(least, { OIDC_TOKEN_EXPIRE: value })[0]).toContain(`not "${value}"`)
  })

  test('features 1: a password of the wrong kind is not repeated in the message', () => {
    expect(problemsOf({ ...least, users: [{ username: 'a', password: 918_273 }] }).join()).not.toContain('918')
  })
})

describe('the file', () => {
  test('one that is not there says how to get one', () => {
    expect(() => readConfig('/nowhere/latchkey.json')).toThrow(/There is no file .*--print-config/s)
  })

  test('a folder in its place is named as one', () => {
    expect(() => readConfig(tmpdir())).toThrow(/is a folder/)
  })

  test('paths in it count from where it stands', () => {
    const directory = mkdtempSync(join(tmpdir(), 'latchkey config '))
    const file = join(directory, 'c.json')
    writeFileSync(file, JSON.stringify({ issuer: least.issuer, store: { sqlite: 'data.db' } }))
    expect(readConfig(file, {}).store).toEqual({ kind: 'sqlite', file: join(directory, 'data.db') })
    rmSync(directory, { recursive: true })
  })
})
