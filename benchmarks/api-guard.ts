/**
 * Server CPU microseconds that a guard adds to a request: ours (with the revocation feed on) beside the best known
 * guards, for a token seen before and for one seen for the first time. One server process, rounds interleaved; with
 * `taskset` it has one core, the load and the issuer the other.
 *
 *   node --conditions=source benchmarks/api-guard.ts [requests per round] [rounds]
 */
import { fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import fastifyJwt from '@fastify/jwt'
import * as ours from '@latchkey/api/express'
import * as oursOnFastify from '@latchkey/api/fastify'
import express from 'express'
import { expressjwt } from 'express-jwt'
import { auth as peerAuth } from 'express-oauth2-jwt-bearer'
import fastify from 'fastify'
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import jwksRsa from 'jwks-rsa'
import { openConnection } from './provider/load.ts'

const audience = 'https://api.example.com'
const algorithms = ['RS256', 'ES256'] as const
type Alg = (typeof algorithms)[number]
const { BENCHMARK_ISSUER: role, BENCHMARK_KEYS: keys = '{}' } = process.env
if (role === undefined) await drive(Number(process.argv[2] ?? 2000), Number(process.argv[3] ?? 7))
else await serve(role, JSON.parse(keys) as Record<Alg, string>)

/** The server's side: an Express and a Fastify application; answers `cpu` with what the process has used. */
async function serve(issuer: string, publicKeys: Record<Alg, string>): Promise<void> {
  const revocations = { clientId: 'guard', clientSecret: 'secret' }
  const app = express()
  const end: express.RequestHandler = (_req, res) => void res.end('{}')
  const guarded = ours.auth({ issuer, audience, revocations })
  app.get('/bare', end)
  app.get('/latchkey', guarded, end)
  for (const alg of algorithms) {
    const peer = peerAuth({ issuer, jwksUri: `${issuer}/jwks`, audience, tokenSigningAlg: alg, strict: true })
    app.get(`/express-oauth2-jwt-bearer/${alg}`, peer, end)
  }
  const secret = jwksRsa.expressJwtSecret({ cache: true, jwksUri: `${issuer}/jwks` }) as never
  app.get('/express-jwt', expressjwt({ secret, audience, issuer, algorithms: ['RS256', 'ES256'] }), end)
  const listening = app.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const onFastify = fastify()
  onFastify.get('/bare', async () => '{}')
  onFastify.get('/latchkey', { preHandler: oursOnFastify.auth(guarded.guard) }, async () => '{}')
  for (const alg of algorithms) {
    await onFastify.register(fastifyJwt, {
      namespace: alg,
      secret: { public: publicKeys[alg] },
      verify: { algorithms: [alg], allowedIss: issuer, allowedAud: audience, cache: 5000 },
    } as never)
    const verify = async (asked: unknown) => (asked as Record<string, () => Promise<unknown>>)[`${alg}JwtVerify`]?.()
    onFastify.get(`/@fastify/jwt/${alg}`, { preHandler: verify }, async () => '{}')
  }
  await onFastify.listen({ host: '127.0.0.1', port: 0 })
  await guarded.guard.ready()
  const fastifyPort = (onFastify.server.address() as AddressInfo).port
  process.send?.([(listening.address() as AddressInfo).port, fastifyPort, guarded.guard.feeds()[0]?.fresh])
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
}

async function drive(requests: number, rounds: number): Promise<void> {
  const pairs = new Map<Alg, { privateKey: CryptoKey; publicKey: CryptoKey }>()
  for (const alg of algorithms) pairs.set(alg, await generateKeyPair(alg, { extractable: true }))
  const jwks: object[] = []
  const spki: Record<string, string> = {}
  for (const [alg, { publicKey }] of pairs) {
    jwks.push({ ...(await exportJWK(publicKey)), alg, kid: alg, use: 'sig' })
    spki[alg] = await exportSPKI(publicKey)
  }
  const sign = (alg: Alg, claims: object, typ: string) => {
    const jwt = new SignJWT({ iss: issuer, ...claims }).setProtectedHeader({ typ, alg, kid: alg }).setIssuedAt()
    return jwt.setExpirationTime('1h').sign((pairs.get(alg) as { privateKey: CryptoKey }).privateKey)
  }
  const provider = createServer(async ({ url = '' }, response) => {
    if (url === '/feed') return beat(response)
    if (url.startsWith('/snapshot')) return response.end(await snapshot())
    response.end(JSON.stringify(url === '/jwks' ? { keys: jwks } : metadata()))
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
  const metadata = () => ({
    issuer,
    jwks_uri: `${issuer}/jwks`,
    revocation_feed_endpoint: `${issuer}/feed`,
    revocation_feed_poll_endpoint: `${issuer}/poll`,
    revocation_feed_snapshot_endpoint: `${issuer}/snapshot`,
  })
  /** A thousand things are revoked, none of them used here. */
  const snapshot = () => {
    const end = Math.floor(Date.now() / 1000) + 3600
    const entries = Array.from({ length: 1000 }, (_, index) => ['family', `other-${index}`, 1, end])
    const page = { entries, up_to: 1000, more: false, cursor: '1000.' }
    return sign(
      'ES256',
      { aud: `${issuer}/feed`, events: { 'urn:latchkey:event:revocation-snapshot': page } },
      'secevent+jwt',
    )
  }
  const beat = (response: ServerResponse) => {
    const tell = () => response.write(`event: synced\ndata: ${Date.now() / 1000}\n\n`)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    tell()
    const timer = setInterval(tell, 5000)
    response.on('close', () => clearInterval(timer))
  }
  const env = { ...process.env, BENCHMARK_ISSUER: issuer, BENCHMARK_KEYS: JSON.stringify(spki), NODE_ENV: 'production' }
  const child = fork(new URL(import.meta.url), { env })
  spawnSync('taskset', ['-acp', '0', String(child.pid)])
  spawnSync('taskset', ['-acp', '1', String(process.pid)])
  const [[expressPort, fastifyPort, fresh]] = (await once(child, 'message')) as [[number, number, boolean]]
  if (!fresh) throw new Error('the feed is not up to date')
  const connections = new Map(
    [expressPort, fastifyPort].map((port) => [port, Array.from({ length: 16 }, () => openConnection(port))] as const),
  )

  let serial = 0
  const token = (alg: Alg) => {
    const jti = `family${serial}.${serial++}`
    return sign(alg, { aud: audience, sub: 'alice', client_id: 'web', scope: 'openid read:messages', jti }, 'at+jwt')
  }
  const freshTokens = async (alg: Alg) => {
    const made: string[] = []
    while (made.length < requests) made.push(await token(alg))
    return made
  }
  async function cpu(): Promise<number> {
    const answer = once(child, 'message')
    child.send('cpu')
    return ((await answer) as [number])[0]
  }
  async function measure(port: number, path: string, bearer: (index: number) => string): Promise<number> {
    const head = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: keep-alive\r\nAuthorization: Bearer `
    const before = await cpu()
    let next = 0
    const work = async (connection: ReturnType<typeof openConnection>) => {
      while (next < requests) {
        const { status } = await connection.send(`${head}${bearer(next++)}\r\n\r\n`)
        if (status !== 200) throw new Error(`${path} answered ${status}`)
      }
    }
    await Promise.all((connections.get(port) ?? []).map(work))
    return ((await cpu()) - before) / requests
  }

  const known = { RS256: await token('RS256'), ES256: await token('ES256') }
  const results = new Map<string, number[]>()
  const rows: readonly [string, number, (alg: Alg) => string][] = [
    ['latchkey, feed on (express)', expressPort, () => '/latchkey'],
    ['express-oauth2-jwt-bearer (express)', expressPort, (alg) => `/express-oauth2-jwt-bearer/${alg}`],
    ['express-jwt + jwks-rsa (express)', expressPort, () => '/express-jwt'],
    ['latchkey, feed on (fastify)', fastifyPort, () => '/latchkey'],
    ['@fastify/jwt, cached, key given (fastify)', fastifyPort, (alg) => `/@fastify/jwt/${alg}`],
  ]
  for (let round = 0; round <= rounds; round++) {
    const note = (name: string, value: number) => {
      if (round > 0) results.set(name, [...(results.get(name) ?? []), value])
    }
    for (const [name, port, path] of rows) {
      const bare = () => measure(port, '/bare', () => known.ES256)
      const seen = () => measure(port, path('ES256'), () => known.ES256)
      // Few microseconds drown in what a round before left behind, so what is compared stands side by side.
      const [before, one, two, after] = [await bare(), await seen(), await seen(), await bare()]
      note(`${name}: known, ES256`, (one + two - before - after) / 2)
      note(`no guard (${port === expressPort ? 'express' : 'fastify'})`, (before + after) / 2)
      for (const alg of algorithms) {
        const first = await freshTokens(alg)
        const given = await measure(port, path(alg), (index) => first[index] ?? '')
        note(`${name}: first sight, ${alg}`, given - (before + after) / 2)
      }
    }
  }
  console.log(`server CPU µs a request over ${rounds} rounds of ${requests} (a guard's rows: what it adds)`)
  for (const [name, values] of [...results].sort()) {
    const sorted = values.toSorted((a, b) => a - b)
    const median = (sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(1)
    console.log(`${name.padEnd(62)} least ${(sorted[0] ?? 0).toFixed(1).padStart(7)}   median ${median.padStart(7)}`)
  }
  child.kill()
  provider.closeAllConnections()
  provider.close()
  for (const connection of [...connections.values()].flat()) connection.close()
}
