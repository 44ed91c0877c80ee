/**
 * Server CPU microseconds that the API guard adds to a request of an Express application: nothing before the handler,
 * a token seen before, a token seen for the first time. One server process, rounds interleaved.
 *
 *   node --conditions=source benchmarks/api-guard.ts [requests per round] [rounds]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { auth } from '@latchkey/api/express'
import express from 'express'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

const audience = 'https://api.example.com'
const algorithms = ['ES256', 'RS256', 'EdDSA']
const role = process.env.BENCHMARK_ISSUER
if (role === undefined) await drive(Number(process.argv[2] ?? 3000), Number(process.argv[3] ?? 7))
else serve(role)

/** The server's side: a bare route and a guarded one; answers `cpu` with what it has used. */
function serve(issuer: string): void {
  const app = express()
  app.get('/bare', (_req, res) => void res.end('{}'))
  app.get('/guarded', auth({ issuer, audience }), (_req, res) => void res.end('{}'))
  const server = app.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
}

async function drive(requests: number, rounds: number): Promise<void> {
  const keys = await Promise.all(algorithms.map(async (alg) => ({ alg, ...(await generateKeyPair(alg)) })))
  const jwks = await Promise.all(
    keys.map(async ({ alg, publicKey }) => ({ ...(await exportJWK(publicKey)), alg, kid: alg })),
  )
  const provider = createServer(({ url }, response) => {
    response.end(JSON.stringify(url === '/jwks' ? { keys: jwks } : { issuer, jwks_uri: `${issuer}/jwks` }))
  }).listen(0, '127.0.0.1')
  await once(provider, 'listening')
  const issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
  const child = fork(new URL(import.meta.url), { env: { ...process.env, BENCHMARK_ISSUER: issuer } })
  const [port] = (await once(child, 'message')) as [number]
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })

  let serial = 0
  async function tokens(alg: string, count: number): Promise<string[]> {
    const key = keys.find((candidate) => candidate.alg === alg)?.privateKey
    if (key === undefined) throw new Error(`no key for ${alg}`)
    const claims = { iss: issuer, aud: audience, sub: 'alice', client_id: 'web', scope: 'openid read:messages' }
    const made: string[] = []
    for (let index = 0; index < count; index++) {
      const jwt = new SignJWT({ ...claims, jti: `t${serial++}` }).setProtectedHeader({ typ: 'at+jwt', alg, kid: alg })
      made.push(await jwt.setIssuedAt().setExpirationTime('1h').sign(key))
    }
    return made
  }

  async function cpu(): Promise<number> {
    const answer = once(child, 'message')
    child.send('cpu')
    return ((await answer) as [number])[0]
  }

  function get(path: string, token: string | undefined): Promise<void> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    return new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path, agent, headers }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${path} answered ${response.statusCode}`))
        response.resume().on('end', resolve)
      })
        .on('error', reject)
        .end()
    })
  }

  async function measure(path: string, bearer: (index: number) => string | undefined): Promise<number> {
    const before = await cpu()
    let next = 0
    const worker = async () => {
      while (next < requests) await get(path, bearer(next++))
    }
    await Promise.all(Array.from({ length: 16 }, worker))
    return ((await cpu()) - before) / requests
  }

  const known = (await tokens('ES256', 1))[0]
  const results = new Map<string, number[]>()
  const note = (name: string, value: number) => results.set(name, [...(results.get(name) ?? []), value])
  for (let round = 0; round <= rounds; round++) {
    const bare = await measure('/bare', () => known)
    const seen = await measure('/guarded', () => known)
    if (round > 0) note('express, no guard', bare)
    if (round > 0) note('token seen before', seen - bare)
    for (const alg of algorithms) {
      const fresh = await tokens(alg, requests)
      const first = await measure('/guarded', (index) => fresh[index])
      if (round > 0) note(`first sight, ${alg}`, first - bare)
    }
  }
  console.log(`server CPU µs a request over ${rounds} rounds of ${requests} (the guard's rows: what it adds)`)
  for (const [name, values] of results) {
    const sorted = values.toSorted((a, b) => a - b)
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0
    console.log(
      `${name.padEnd(22)} least ${(sorted[0] ?? 0).toFixed(1).padStart(7)}   median ${median.toFixed(1).padStart(7)}`,
    )
  }
  child.kill()
  provider.close()
  agent.destroy()
}
