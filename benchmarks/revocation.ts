/**
 * How long a revoked JWT is still accepted: a provider (SQLite, durable) in one process, guards in three others, each
 * asked in a loop for a token from the moment its revocation was acknowledged until it is refused.
 *
 *   node --conditions=source benchmarks/revocation.ts [revocations] [guards]
 */
import { fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { createApiGuard } from '@latchkey/api'
import { readClientMetadata } from '@latchkey/protocol'
import { createProvider } from '@latchkey/provider'
import { createSqliteStore, openSqlite } from '@latchkey/store-sql'

const audience = 'https://api.example.com'
const secret = 'benchmark-secret-benchmark-secret'
const { BENCHMARK_ROLE: role, BENCHMARK_ISSUER: issuer = '', BENCHMARK_FOLDER: folder = '' } = process.env
if (role === 'guard') await guard()
else if (role === 'provider') await provider()
else await drive(Number(process.argv[2] ?? 1000), Number(process.argv[3] ?? 3))

/** Answers `['ask', token]` with the milliseconds until the token is refused. */
async function guard(): Promise<void> {
  const checked = createApiGuard({ issuer, audience, revocations: { clientId: 'guard', clientSecret: secret } })
  const accepts = async (token: string) =>
    (await checked.authenticate({ authorization: `Bearer ${token}` })).outcome === 'admitted'
  await checked.ready()
  process.send?.('ready')
  process.on('message', async ([what, token]: [string, string]) => {
    if (what === 'see') return process.send?.(await accepts(token))
    const from = performance.now()
    while (await accepts(token)) await new Promise((resolve) => setImmediate(resolve))
    process.send?.(performance.now() - from)
  })
}

async function provider(): Promise<void> {
  const made = (input: object) => {
    const read = readClientMetadata(input)
    if ('problems' in read) throw new Error(read.problems.join('; '))
    return read.client
  }
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const running = await createProvider({
    issuer: origin,
    store: createSqliteStore(openSqlite(join(folder, 'benchmark.db'))),
    accounts: { find: async () => null, signIn: () => Promise.reject(new Error('nobody signs in here')) },
    keyEncryptionKey: createHash('sha256').update('benchmark').digest(),
    clients: [
      made({
        client_id: 'guard',
        client_secret: secret,
        grant_types: [],
        resources: [audience],
        revocation_feed: true,
      }),
      made({ client_id: 'service', client_secret: secret, grant_types: ['client_credentials'] }),
    ],
    resources: [
      {
        identifier: audience,
        name: 'API',
        scopes: ['a'],
        access_token_format: 'jwt',
        access_token_signing_alg: 'ES256',
      },
    ],
  })
  server.on(
    'request',
    getRequestListener((request) => running.fetch(request)),
  )
  process.send?.(origin)
}

async function drive(revocations: number, guards: number): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'latchkey-revocation-'))
  const start = (env: Record<string, string>) =>
    fork(new URL(import.meta.url), { env: { ...process.env, ...env, BENCHMARK_FOLDER: data } })
  const idp = start({ BENCHMARK_ROLE: 'provider' })
  const [origin] = (await once(idp, 'message')) as [string]
  const children = Array.from({ length: guards }, () => start({ BENCHMARK_ROLE: 'guard', BENCHMARK_ISSUER: origin }))
  await Promise.all(children.map((child) => once(child, 'message')))

  const authorization = `Basic ${btoa(`service:${secret}`)}`
  const post = async (path: string, form: Record<string, string>) => {
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(form),
    })
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`)
    return response.text()
  }
  const ask = async (what: string, token: string) =>
    Promise.all(
      children.map(async (child) => {
        const answer = once(child, 'message')
        child.send([what, token])
        return ((await answer) as [number | boolean])[0]
      }),
    )

  const delays: number[] = []
  for (let index = 0; index < revocations; index++) {
    const issued = await post('/token', { grant_type: 'client_credentials', resource: audience })
    const { access_token: token } = JSON.parse(issued) as { access_token: string }
    if ((await ask('see', token)).includes(false)) throw new Error('a good token was refused')
    await post('/revoke', { token })
    delays.push(...((await ask('time', token)) as number[]))
  }
  delays.sort((a, b) => a - b)
  const at = (share: number) => (delays[Math.min(delays.length - 1, Math.floor(share * delays.length))] ?? 0).toFixed(1)
  console.log(
    `${revocations} revocations, refused by ${guards} guards in processes of their own; milliseconds after the answer of /revoke`,
  )
  console.table({ p50: at(0.5), p90: at(0.9), p99: at(0.99), longest: at(1) })
  for (const child of [...children, idp]) child.kill()
  rmSync(data, { recursive: true })
}
