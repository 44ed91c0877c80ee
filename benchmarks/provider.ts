/**
 * Server CPU microseconds per request, Latchkey on SQLite with `synchronous=FULL` beside oidc-provider in memory.
 * Rounds are interleaved; each server has one core where `taskset` is there, the load has the other.
 *
 *   node --conditions=source benchmarks/provider.ts [requests per round] [rounds] [part of an operation's name]
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { api, chains, machine, type Prepared, type Served, web } from './provider/served.ts'

const requests = Number(process.argv[2] ?? 2000)
const rounds = Number(process.argv[3] ?? 5)
const only = process.argv[4] ?? ''
const agent = new Agent({ keepAlive: true, maxSockets: chains })
const pins = spawnSync('taskset', ['--version']).status === 0
if (pins) spawnSync('taskset', ['-cp', '1', String(process.pid)])

interface Server {
  readonly name: string
  readonly child: ChildProcess
  readonly served: Served
  refreshTokens: string[]
  accessToken: string
}

async function start(name: string, script: string): Promise<Server> {
  const node = [
    process.execPath,
    '--conditions=source',
    '--disable-warning=ExperimentalWarning',
    `${import.meta.dirname}/provider/${script}`,
  ]
  const [program = '', ...rest] = pins ? ['taskset', '-c', '0', ...node] : node
  const child = spawn(program, rest, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const [served] = (await once(child, 'message')) as [Served]
  return { name, child, served, refreshTokens: [], accessToken: '' }
}

async function prepare(server: Server): Promise<void> {
  server.child.send('prepare')
  const [prepared] = (await once(server.child, 'message')) as [Prepared]
  server.refreshTokens = [...prepared.refreshTokens]
  server.accessToken = prepared.accessToken
}

async function cpu({ child }: Server): Promise<number> {
  child.send('cpu')
  const [used] = (await once(child, 'message')) as [number]
  return used
}

interface Outgoing {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

function send(port: number, { method, path, headers, body }: Outgoing): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-length': String(body.length) }) },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () =>
          response.statusCode === 200 ? resolve(text) : reject(new Error(`${path}: ${response.statusCode} ${text}`)),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function post(path: string, client: { id: string; secret: string }, form: Record<string, string>): Outgoing {
  const authorization = `Basic ${btoa(`${client.id}:${client.secret}`)}`
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' }
  return { method: 'POST', path, headers, body: new URLSearchParams(form).toString() }
}

/** What one request of each kind is, for the chain that sends it. */
const operations: Readonly<Record<string, (server: Server, chain: number) => Promise<unknown>>> = {
  'client_credentials, opaque': ({ served }) =>
    send(served.port, post(served.paths.token, machine, { grant_type: 'client_credentials' })),
  'client_credentials, JWT ES256': ({ served }) =>
    send(
      served.port,
      post(served.paths.token, machine, { grant_type: 'client_credentials', resource: api, scope: 'read:messages' }),
    ),
  'refresh, rotation, ES256 ID token': async (server, chain) => {
    const form = { grant_type: 'refresh_token', refresh_token: server.refreshTokens[chain] ?? '' }
    const answer = JSON.parse(await send(server.served.port, post(server.served.paths.token, web, form))) as {
      refresh_token: string
    }
    server.refreshTokens[chain] = answer.refresh_token
  },
  introspection: ({ served, accessToken: token }) =>
    send(served.port, post(served.paths.introspection, web, { token })),
  userinfo: ({ served, accessToken }) =>
    send(served.port, {
      method: 'GET',
      path: served.paths.userinfo,
      headers: { authorization: `Bearer ${accessToken}` },
    }),
  discovery: ({ served }) => send(served.port, { method: 'GET', path: served.paths.discovery }),
}

async function round(
  server: Server,
  operation: (server: Server, chain: number) => Promise<unknown>,
  count: number,
): Promise<number> {
  await prepare(server)
  const before = await cpu(server)
  await Promise.all(
    Array.from({ length: chains }, async (_, chain) => {
      for (let sent = chain; sent < count; sent += chains) await operation(server, chain)
    }),
  )
  return ((await cpu(server)) - before) / count
}

const servers = [await start('Latchkey, SQLite FULL', 'latchkey.ts'), await start('oidc-provider, memory', 'peer.ts')]
const table: Record<string, Record<string, string>> = {}
for (const [name, operation] of Object.entries(operations)) {
  if (!name.includes(only)) continue
  const measured = servers.map((): number[] => [])
  for (const server of servers) await round(server, operation, requests / 2)
  for (let index = 0; index < rounds; index++) {
    for (const [which, server] of servers.entries()) measured[which]?.push(await round(server, operation, requests))
  }
  const [ours = [], theirs = []] = measured.map((values) => values.toSorted((a, b) => a - b))
  const median = (values: readonly number[]) => values[Math.floor(values.length / 2)] ?? 0
  table[name] = {
    'Latchkey min': (ours[0] ?? 0).toFixed(0),
    'Latchkey median': median(ours).toFixed(0),
    'peer min': (theirs[0] ?? 0).toFixed(0),
    'peer median': median(theirs).toFixed(0),
    'ratio of medians': (median(theirs) / median(ours)).toFixed(2),
  }
}
console.log(
  `server CPU µs per request; ${requests} requests a round, ${rounds} rounds, ${chains} connections${pins ? ', pinned' : ''}`,
)
console.table(table)
for (const { child } of servers) child.disconnect()
agent.destroy()
