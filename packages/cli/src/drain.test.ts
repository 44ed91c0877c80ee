import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from './http-server.ts'

const host = '127.0.0.1'
const secret = 'a-secret-of-the-test'
const authorization = `Basic ${btoa(`service:${secret}`)}`
const form = { 'content-type': 'application/x-www-form-urlencoded' }

let folder: string
const children: ChildProcess[] = []
const proxies: Server[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-drain-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const proxy of proxies.splice(0)) proxy.close().closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
})

interface Node {
  readonly port: number
  readonly child: ChildProcess
  readonly ended: Promise<readonly unknown[]>
}

interface NodeOptions {
  readonly issuer: string
  readonly port: number
  readonly drainGrace: number
}

/** A server of its own process on the folder's one database, when it is ready. */
async function startNode({ issuer, port, drainGrace }: NodeOptions): Promise<Node> {
  const file = join(folder, `node-${port}.json`)
  const client = { client_id: 'service', client_secret: secret, grant_types: ['client_credentials'] }
  const listen = { host, port, drain_grace: drainGrace }
  const config = { issuer, listen, store: { sqlite: 'latchkey.db' }, clients: [client], log: 'none' }
  writeFileSync(file, JSON.stringify(config))
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning']
  const main = join(import.meta.dirname, 'main.ts')
  const child = spawn(process.execPath, [...flags, main, 'serve', '--config', file])
  children.push(child)
  const ended = once(child, 'close')
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const ready = await Promise.race([once(child.stdout, 'data'), ended])
  if (!String(ready[0]).startsWith('Latchkey is ready')) throw new Error(`the node did not start: ${said}`)
  return { port, child, ended }
}

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

interface Asked {
  readonly port: number
  readonly method?: string | undefined
  readonly path: string
  readonly headers?: IncomingMessage['headers']
  readonly body?: string
  readonly agent?: Agent | undefined
}

function ask({ body = '', port, agent, ...asked }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, ...asked, ...(agent === undefined ? {} : { agent }) }, async (response) => {
      try {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
      } catch (error) {
        reject(error)
      }
    })
    sent.once('error', reject).end(body)
  })
}

const getToken = (port: number, agent?: Agent) =>
  ask({
    port,
    agent,
    method: 'POST',
    path: '/token',
    headers: { ...form, authorization },
    body: 'grant_type=client_credentials',
  })

interface Proxy {
  readonly port: number
  /** Requests that each backend answered. */
  readonly served: ReadonlyMap<number, number>
}

/** Goes round the backends that said they were ready, asks them anew after every few requests, and never tries again. */
async function startProxy(port: number, backends: readonly number[]): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true })
  const ready = new Set(backends)
  const served = new Map(backends.map((backend) => [backend, 0]))
  let turn = 0
  const probe = async (backend: number): Promise<void> => {
    const status = await ask({ port: backend, path: '/health/ready' }).then(
      (answer) => answer.status,
      () => 0,
    )
    if (status === 200) ready.add(backend)
    else ready.delete(backend)
  }
  const server = createServer(async (incoming, outgoing) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    if (turn % 5 === 0) for (const backend of backends) void probe(backend)
    const open = backends.filter((backend) => ready.has(backend))
    const backend = open[turn++ % open.length] ?? 0
    const { method, url: path = '', headers } = incoming
    try {
      const { host: _, connection: __, ...passed } = headers
      const answer = await ask({ port: backend, agent, method, path, headers: passed, body })
      served.set(backend, (served.get(backend) ?? 0) + 1)
      outgoing.writeHead(answer.status, { 'content-type': answer.headers['content-type'] ?? '' }).end(answer.body)
    } catch (error) {
      outgoing.writeHead(502).end(String(error))
    }
  })
  proxies.push(server)
  await once(server.listen(port, host), 'listening')
  return { port, served }
}

/** Eight callers without a pause; `until` resolves when what it watches for has come about. */
function startLoad(port: number) {
  const failures: string[] = []
  const agent = new Agent({ keepAlive: true })
  let answered = 0
  let isOver = false
  const call = async (): Promise<void> => {
    while (!isOver) {
      const answer = await getToken(port, agent).catch((error) => ({ status: 0, body: String(error) }))
      if (answer.status !== 200) failures.push(`${answer.status}: ${answer.body}`)
      answered++
    }
  }
  const calls = Promise.all(Array.from({ length: 8 }, call))
  return {
    failures,
    async until(condition: () => boolean): Promise<void> {
      while (!condition() && failures.length === 0) await new Promise(setImmediate)
    },
    answered: () => answered,
    async stop() {
      isOver = true
      await calls
      agent.destroy()
    },
  }
}

test('nodes that are drained and started again one after the other fail and refuse no request behind a load balancer', {
  timeout: 90_000,
}, async () => {
  const [front, one, two] = [await freePort(host), await freePort(host), await freePort(host)]
  const options = { issuer: `http://${host}:${front}`, drainGrace: 2 }
  const nodes = [await startNode({ ...options, port: one }), await startNode({ ...options, port: two })]
  const proxy = await startProxy(front, [one, two])
  const load = startLoad(front)
  for (const [index, { port, child, ended }] of nodes.entries()) {
    const before = proxy.served.get(port) ?? 0
    await load.until(() => (proxy.served.get(port) ?? 0) > before + 100)
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    const atEnd = load.answered()
    await load.until(() => load.answered() > atEnd + 100)
    nodes[index] = await startNode({ ...options, port })
    const since = proxy.served.get(port) ?? 0
    await load.until(() => (proxy.served.get(port) ?? 0) > since + 100)
  }
  await load.stop()
  expect(load.failures).toEqual([])
  expect(load.answered()).toBeGreaterThan(600)
})

test('in the grace a node says that it is not ready, serves on, and closes each connection with its answer', async () => {
  const port = await freePort(host)
  const { child } = await startNode({ issuer: `http://${host}:${port}`, port, drainGrace: 600 })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const before = await getToken(port, agent)
  expect([before.status, before.headers.connection]).toEqual([200, 'keep-alive'])
  child.kill('SIGTERM')
  const probe = () => ask({ port, path: '/health/ready' })
  let readiness = await probe()
  while (readiness.status === 200) readiness = await probe()
  expect([readiness.status, JSON.parse(readiness.body)]).toEqual([503, { status: 'draining' }])
  const live = await ask({ port, path: '/health/live' })
  expect([live.status, JSON.parse(live.body)]).toEqual([200, { status: 'live' }])
  // The first comes over the connection from before, the second over a new one.
  for (let count = 0; count < 2; count++) {
    const answer = await getToken(port, agent)
    expect([answer.status, answer.headers.connection]).toEqual([200, 'close'])
  }
})
