/**
 * Server CPU microseconds for one proxied request: a bare streaming proxy of `node:http`, `http-proxy-middleware` in
 * Express, and the BFF (session looked up and opened, token attached, headers cleaned). Each in a process of its own,
 * rounds interleaved.
 *
 *   node --conditions=source benchmarks/bff-proxy.ts [requests per round] [rounds]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bff } from '@latchkey/bff/node'
import { testBff } from '@latchkey/testing'
import express from 'express'
import { createProxyMiddleware } from 'http-proxy-middleware'

const kinds = ['bare', 'http-proxy-middleware', 'bff'] as const
const { BENCHMARK_KIND: kind, BENCHMARK_API: api = '' } = process.env

/** The server's side; answers `cpu` with what it has used. */
async function serve(role: string): Promise<void> {
  const { server, cookie } = await makers[role as (typeof kinds)[number]]()
  server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port, cookie }))
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
}

const makers: Readonly<Record<(typeof kinds)[number], () => Promise<{ server: Server; cookie: string }>>> = {
  async bare() {
    const agent = new Agent({ keepAlive: true })
    const { hostname, port } = new URL(api)
    const server = createServer((incoming, outgoing) => {
      const { method, headers, url: path } = incoming
      const forwarded = request({ hostname, port, method, headers, path, agent }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
      incoming.pipe(forwarded)
    })
    return { server, cookie: '' }
  },
  async 'http-proxy-middleware'() {
    const proxy = createProxyMiddleware({ target: api, agent: new Agent({ keepAlive: true }) })
    return { server: createServer(express().use(proxy)), cookie: '' }
  },
  async bff() {
    const house = await testBff({ routes: () => [{ match: '/bench', target: `${api}/bench`, token: 'user' }] })
    const browser = await house.signIn()
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    return { server: createServer(bff(house.bff)), cookie }
  },
}

async function drive(requests: number, rounds: number): Promise<void> {
  const body = JSON.stringify({ hello: 'world'.repeat(50) })
  const upstream = createServer((_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const BENCHMARK_API = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const servers = await Promise.all(
    kinds.map(async (name) => {
      const child = fork(new URL(import.meta.url), { env: { ...process.env, BENCHMARK_API, BENCHMARK_KIND: name } })
      const [{ port, cookie }] = (await once(child, 'message')) as [{ port: number; cookie: string }]
      return { name, child, port, cookie, costs: [] as number[] }
    }),
  )
  const get = (port: number, cookie: string) =>
    new Promise<void>((resolve, reject) => {
      const headers = { 'x-csrf': '1', cookie }
      request({ port, host: '127.0.0.1', path: '/bench', agent, headers }, (answer) => {
        if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`))
        answer.resume().on('end', resolve)
      })
        .on('error', reject)
        .end()
    })
  for (let round = 0; round <= rounds; round++) {
    for (const { child, port, cookie, costs } of servers) {
      const cpu = async () => {
        const answer = once(child, 'message')
        child.send('cpu')
        return ((await answer) as [number])[0]
      }
      const before = await cpu()
      for (let sent = 0; sent < requests; sent += 16) {
        await Promise.all(Array.from({ length: 16 }, () => get(port, cookie)))
      }
      // The first round warms up.
      if (round > 0) costs.push(((await cpu()) - before) / requests)
    }
  }
  const bare = Math.min(...(servers[0]?.costs ?? []))
  for (const { name, costs, child } of servers) {
    const sorted = costs.sort((a, b) => a - b)
    const [least = 0] = sorted
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0
    console.log(
      `${name.padEnd(24)} ${least.toFixed(0).padStart(5)} µs least, ${median.toFixed(0).padStart(5)} median, ${(least / bare).toFixed(2)}×`,
    )
    child.kill()
  }
  agent.destroy()
  upstream.close()
}

if (kind === undefined) await drive(Number(process.argv[2] ?? 2000), Number(process.argv[3] ?? 7))
else await serve(kind)
