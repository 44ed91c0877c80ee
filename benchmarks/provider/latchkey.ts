/**
 * Latchkey, durable: every grant is committed before it is answered. On SQLite with `synchronous=FULL`, or on the
 * PostgreSQL that the first argument names. Carried as `latchkey serve` carries it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClientMetadata, readClientMetadata } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { type Account, type Accounts, createProvider } from '@latchkey/provider'
import { createPostgresStore, createSqliteStore, openPostgres, openSqlite } from '@latchkey/store-sql'
import { issueCode, type TestRuntime, testResources } from '@latchkey/testing'
import { raw } from 'hono/html'
import { bindServer, freePort } from '../../packages/cli/src/http-server.ts'
import { announce, machine, redirectUri, signInForm, web } from './served.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-benchmark-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('disconnect', () => process.exit())

function client(fields: object): ClientMetadata {
  const read = readClientMetadata({ redirect_uris: [redirectUri], ...fields })
  if ('problems' in read) throw new Error(read.problems.join('; '))
  return read.client
}

const clients = [
  client({
    client_id: machine.id,
    client_secret: machine.secret,
    grant_types: ['client_credentials'],
    scope: 'openid',
    resources: testResources.map(({ identifier }) => identifier),
  }),
  client({
    client_id: web.id,
    client_secret: web.secret,
    grant_types: ['authorization_code', 'refresh_token'],
    id_token_signed_response_alg: 'ES256',
    require_consent: false,
  }),
]
const alice: Account = { sub: 'alice', username: 'alice', admin: false, claims: { name: 'Alice' } }
const [postgres] = process.argv.slice(2)
const store =
  postgres === undefined
    ? createSqliteStore(openSqlite(join(folder, 'latchkey.db')))
    : createPostgresStore(openPostgres(postgres))

const listening = { host: '127.0.0.1', port: await freePort('127.0.0.1'), tls: null, drainGraceSeconds: 0 }
const { port } = listening
const accounts: Accounts = {
  find: async (sub) => (sub === alice.sub ? alice : null),
  signIn: async ({ action, page }, form) =>
    form === null
      ? { outcome: 'page', response: page({ title: 'Sign in', body: raw(signInForm(action)) }) }
      : { outcome: 'signed-in', sub: form.require('username'), amr: ['pwd'] },
}
const provider = await createProvider({
  issuer: `http://127.0.0.1:${port}`,
  store,
  accounts,
  clients,
  resources: testResources,
  keyEncryptionKey: systemRuntime.randomBytes(32),
})
await bindServer({ listen: listening, fetch: provider.fetch, runtime: systemRuntime })

const house = { store, runtime: systemRuntime as TestRuntime, people: [alice], clients }

async function signIn(): Promise<{ access_token: string; refresh_token: string }> {
  const { form } = await issueCode(house, { client: web.id })
  const authorization = `Basic ${btoa(`${web.id}:${web.secret}`)}`
  const body = new URLSearchParams(form as Record<string, string>)
  const response = await fetch(`http://127.0.0.1:${port}/token`, { method: 'POST', headers: { authorization }, body })
  if (response.status !== 200) throw new Error(await response.text())
  return (await response.json()) as { access_token: string; refresh_token: string }
}

const paths = {
  token: '/token',
  introspection: '/introspect',
  userinfo: '/userinfo',
  discovery: '/.well-known/openid-configuration',
  jwks: '/jwks',
  authorize: '/authorize',
}
announce({ port, paths }, async (chains) => {
  const tokens = await Promise.all(Array.from({ length: chains }, signIn))
  return {
    refreshTokens: tokens.map((token) => token.refresh_token),
    accessToken: tokens[0]?.access_token ?? '',
  }
})
