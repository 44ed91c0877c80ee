/**
 * Server CPU microseconds per request: Latchkey on SQLite with `synchronous=FULL` and on PostgreSQL, beside
 * oidc-provider in memory. Rounds are interleaved; each server has one core where `taskset` is there, the load and
 * PostgreSQL have the other. docs/reference/performance.md says how to read it.
 *
 *   node --conditions=source benchmarks/provider.ts [--connections 1,16,64] [--requests 4000] [--rounds 5]
 *     [--warm 40000] [--only PART-OF-A-NAME] [--servers sqlite,postgres,peer]
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once as event } from 'node:events'
import { parseArgs } from 'node:util'
import { startCluster, whyNoPostgres } from '../packages/store-sql/src/trials/postgres-cluster.ts'
import { openConnection } from './provider/load.ts'
import { type Chain, operations } from './provider/operations.ts'
import type { Prepared, Served } from './provider/served.ts'

const { values: options } = parseArgs({
  options: {
    connections: { type: 'string', default: '1,16,64' },
    requests: { type: 'string', default: '4000' },
    rounds: { type: 'string', default: '5' },
    warm: { type: 'string', default: '40000' },
    only: { type: 'string', default: '' },
    servers: { type: 'string', default: 'sqlite,postgres,peer' },
  },
})
const wanted = options.servers.split(',').filter((name) => name !== 'postgres' || whyNoPostgres === null)
const pins = spawnSync('taskset', ['--version']).status === 0
if (pins) spawnSync('taskset', ['-cp', '1', String(process.pid)])
const cluster = wanted.includes('postgres') ? await startCluster() : null

const scripts: Readonly<Record<string, () => Promise<readonly string[]>>> = {
  sqlite: async () => ['latchkey.ts'],
  postgres: async () => ['latchkey.ts', (await cluster?.schema()) ?? ''],
  peer: async () => ['peer.ts'],
}

interface Server {
  readonly name: string
  readonly child: ChildProcess
  readonly served: Served
}

async function start(name: string): Promise<Server> {
  const [script, ...rest] = (await scripts[name]?.()) ?? []
  if (script === undefined) throw new Error(`there is no server "${name}"`)
  const node = [...nodeOptions, `${import.meta.dirname}/provider/${script}`, ...rest]
  const [program = '', ...words] = pins
    ? ['taskset', '-c', '0', process.execPath, ...node]
    : [process.execPath, ...node]
  const child = spawn(program, words, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  return { name, child, served: await answerTo<Served>(child) }
}

const nodeOptions = ['--conditions=source', '--disable-warning=ExperimentalWarning']

async function answerTo<T>(child: ChildProcess, question?: string | number): Promise<T> {
  if (question !== undefined) child.send(question)
  const [answer] = (await event(child, 'message')) as [T]
  return answer
}

interface Load {
  readonly connections: number
  readonly requests: number
}

/** CPU µs per request of one round. */
async function round({ child, served }: Server, name: string, { connections, requests }: Load): Promise<number> {
  const { refreshTokens, accessToken } = await answerTo<Prepared>(child, connections)
  const chains = refreshTokens.map((refreshToken): Chain => ({ connection: openConnection(served.port), refreshToken }))
  const operation = operations[name] ?? (() => Promise.reject(new Error(name)))
  const target = { served, accessToken }
  // All connections stand before the clock runs.
  await Promise.all(chains.map((chain) => operations.jwks?.(target, chain)))
  const before = await answerTo<number>(child, 'cpu')
  await Promise.all(
    chains.map(async (chain, index) => {
      for (let sent = index; sent < requests; sent += connections) await operation(target, chain)
    }),
  )
  const used = (await answerTo<number>(child, 'cpu')) - before
  for (const { connection } of chains) connection.close()
  return used / requests
}

const warmed = new Set<string>()

/**
 * Before the clock runs every server has done every operation so often that nothing of it is compiled any more: until
 * then the compiler's threads take as long as the work. At 64 connections, where that is soonest done.
 */
async function warmUp(server: Server, name: string, { load, share }: { load: Load; share: number }): Promise<void> {
  const key = `${server.name} ${name}`
  if (!warmed.has(key)) await round(server, name, { connections: 64, requests: Number(options.warm) / share })
  warmed.add(key)
  await round(server, name, load)
}

/** Each row is one operation; ratios are of the peer's median to ours. */
async function measure(servers: readonly Server[], connections: number): Promise<void> {
  const table: Record<string, Record<string, string>> = {}
  for (const name of Object.keys(operations).filter((each) => each.includes(options.only))) {
    const share = name === 'whole code login' ? 5 : 1
    // A write that waits for its disk alone takes long: fewer of them say as much.
    const requests = Math.ceil(Number(options.requests) / share / (connections === 1 ? 4 : 1))
    const figures = servers.map((): number[] => [])
    for (const server of servers) await warmUp(server, name, { load: { connections, requests }, share })
    for (let index = 0; index < Number(options.rounds); index++) {
      for (const [which, server] of servers.entries()) {
        figures[which]?.push(await round(server, name, { connections, requests }))
      }
    }
    table[name] = rowOf(servers, figures)
    // A run that is ended early has said something.
    console.log(`${name}, ${connections}: ${Object.values(table[name] ?? {}).join('  ')}`)
  }
  console.log(`${connections} connections`)
  console.table(table)
}

function rowOf(servers: readonly Server[], figures: readonly (readonly number[])[]): Record<string, string> {
  const row: Record<string, string> = {}
  const medians = figures.map((values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0)
  const least = figures.map((values) => Math.min(...values))
  for (const [which, { name }] of servers.entries()) {
    row[`${name}: min`] = (least[which] ?? 0).toFixed(0)
    row['median'.padEnd(7 + which)] = (medians[which] ?? 0).toFixed(0)
  }
  const peer = servers.findIndex(({ name }) => name === 'peer')
  for (const [which, { name }] of servers.entries()) {
    if (which === peer || peer === -1) continue
    const ratio = (values: readonly number[]): string => ((values[peer] ?? 0) / (values[which] ?? 0)).toFixed(1)
    row[`peer/${name}`] = `${ratio(medians)} (${ratio(least)})`
  }
  return row
}

const servers: Server[] = []
for (const name of wanted) servers.push(await start(name))
const where = pins ? ', server and load on a core each' : ''
console.log(`server CPU µs per request; ${options.requests} requests a round, ${options.rounds} rounds${where}`)
console.log(`${options.warm} requests of each kind before that, or a fifth of it where each is a whole login`)
console.log('peer/ours: of the medians (of the minima)')
for (const connections of options.connections.split(',')) await measure(servers, Number(connections))
for (const { name, child } of servers) {
  console.log(`${name}: ${((await answerTo<number>(child, 'memory')) / 2 ** 20).toFixed(0)} MB resident after all that`)
  child.disconnect()
}
await cluster?.stop()
