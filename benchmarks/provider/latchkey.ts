/** Latchkey, durable: SQLite with `synchronous=FULL`, every grant committed before it is answered. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { type ClientMetadata, readClientMetadata } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { type Account, createProvider } from '@latchkey/provider'
import { createSqliteStore, openSqlite } from '@latchkey/store-sql'
import { issueCode, type TestRuntime, testResources } from '@latchkey/testing'
import { announce, chains, machine, web } from './served.ts'

const folder = mkdtempSync(join(tmpdir(), 'latchkey-benchmark-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
process.on('disconnect', () => process.exit())

function client(fields: object): ClientMetadata {
  const read = readClientMetadata({ redirect_uris: ['https://app.example.com/cb'], ...fields })
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
  }),
]
const alice: Account = { sub: 'alice', username: 'alice', admin: false, claims: { name: 'Alice' } }
const store = createSqliteStore(openSqlite(join(folder, 'latchkey.db')))

const server = createServer()
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
const provider = await createProvider({
  issuer: `http://127.0.0.1:${port}`,
  store,
  accounts: {
    find: async (sub) => (sub === alice.sub ? alice : null),
    signIn: () => Promise.reject(new Error('not here')),
  },
  clients,
  resources: testResources,
  keyEncryptionKey: systemRuntime.randomBytes(32),
})
server.on('request', getRequestListener(provider.fetch))

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
}
announce({ port, paths }, async () => {
  const tokens = await Promise.all(Array.from({ length: chains }, signIn))
  return {
    refreshTokens: tokens.map((token) => token.refresh_token),
    accessToken: tokens[0]?.access_token ?? '',
  }
})
