import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RedisServer, startRedis, whyNoRedis } from '../../../store-redis/src/trials/redis-server.ts'
import { type Cluster, startCluster, whyNoPostgres } from '../../../store-sql/src/trials/postgres-cluster.ts'
import { askWithProof, publicForm } from '../dpop-requests.ts'
import { listen } from '../listen.ts'
import { testApi } from '../test-clients.ts'
import { dpopProof, type TestKey, testKey } from '../test-keys.ts'
import { type TestProvider, testProvider } from '../test-provider.ts'
import { testRuntime } from '../test-runtime.ts'
import type { RaceOrder } from './guard-process.ts'

const program = fileURLToPath(new URL('./guard-process.ts', import.meta.url))
const url = 'https://api.example.com/things'

let idp: TestProvider
let key: TestKey
let token: string
let close: () => Promise<void>
const folder = mkdtempSync(join(tmpdir(), 'latchkey-proofs-'))

beforeAll(async () => {
  const server = await listen((request) => idp.provider.fetch(request))
  idp = await testProvider({ issuer: server.origin, runtime: testRuntime({ now: Math.floor(systemRuntime.now()) }) })
  key = await testKey()
  const code = await idp.code({ client: 'spa', scope: 'openid read:messages', resource: testApi })
  token = String((await askWithProof(idp, key, publicForm(code))).body.access_token)
  close = server.close
})
afterAll(async () => {
  await close()
  await idp.close()
  rmSync(folder, { recursive: true, force: true })
})

async function startGuard(kind: string, place: string): Promise<ChildProcess> {
  const args = [kind, place, idp.issuer, testApi]
  const child = fork(program, args, { execArgv: ['--conditions=source', '--no-warnings'] })
  await heardFrom(child)
  return child
}

/** Its next message. A process that ends instead has said why on its own stderr, and nobody waits for it. */
async function heardFrom(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  const { signal } = over
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the guard's process ended with ${code}`)
  })
  try {
    return await Promise.race([once(child, 'message', { signal }).then(([message]) => message), ended])
  } finally {
    over.abort()
  }
}

/** What each of the requests got. */
async function ask(child: ChildProcess, order: RaceOrder): Promise<(string | number)[]> {
  const heard = heardFrom(child)
  child.send(order)
  return (await heard) as (string | number)[]
}

async function race(kind: string, place: string): Promise<void> {
  const guards = await Promise.all([startGuard(kind, place), startGuard(kind, place)])
  const fresh = () => dpopProof(key, { htm: 'GET', htu: url, now: systemRuntime.now(), accessToken: token })
  // Each has the keys before it counts.
  for (const guard of guards)
    expect(await ask(guard, { token, url, proof: await fresh(), times: 1 })).toEqual(['admitted'])
  const order = { token, url, proof: await fresh(), times: 500 }
  const answers = (await Promise.all(guards.map((guard) => ask(guard, order)))).flat()
  const counted = Object.groupBy(answers, String)
  expect(Object.entries(counted).map(([answer, those]) => [answer, those?.length])).toEqual(
    expect.arrayContaining([
      ['admitted', 1],
      ['401', 999],
    ]),
  )
  await Promise.all(
    guards.map((guard) => {
      const gone = once(guard, 'exit')
      guard.disconnect()
      return gone
    }),
  )
}

const title = (where: string) =>
  `features 41: of 1,000 requests with one proof at two processes on ${where} exactly one passes`

test(title('SQLite'), { timeout: 120_000 }, () => race('sqlite', join(folder, 'proofs.db')))

test.skipIf(whyNoPostgres !== null)(title('PostgreSQL'), { timeout: 120_000 }, async () => {
  const cluster: Cluster = await startCluster()
  try {
    await race('postgres', await cluster.schema())
  } finally {
    await cluster.stop()
  }
})

test.skipIf(whyNoRedis !== null)(title('Redis'), { timeout: 120_000 }, async () => {
  const server: RedisServer = await startRedis()
  try {
    await race('redis', server.socketPath)
  } finally {
    await server.stop()
  }
})
