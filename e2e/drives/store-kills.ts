/**
 * `kill -9` at seeded moments under load, over HTTP: `latchkey serve` on SQLite; then three nodes on PostgreSQL behind a
 * round-robin proxy, of which nodes and the database itself are killed. Everything acknowledged must be there afterwards,
 * and nothing redeemed twice. Prints figures and fails when anything was lost.
 *
 *   npm run drive:store -- [kills on SQLite] [kills on PostgreSQL] [seed]
 */
import { startCluster, whyNoPostgres } from '../../packages/store-sql/src/trials/postgres-cluster.ts'
import { seeded } from '../../packages/store-sql/src/trials/seeded.ts'
import type { ChildProgram } from '../processes/child-program.ts'
import { freePort, temporaryFolder } from '../processes/provider.ts'
import { startNode } from './store/house.ts'
import { createLoad, type Load } from './store/load.ts'
import { startRoundRobin } from './store/proxy.ts'

const [fileKills = 200, nodeKills = 60, seed = 1] = process.argv.slice(2).map(Number)
const random = seeded(seed)

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

async function report(name: string, load: Load, began: number): Promise<void> {
  const facts = await load.checkAll()
  const figures = Object.entries(load.tally).map(([what, count]) => `${count} ${what}`)
  console.log(`ok   ${name}: ${facts} facts kept; ${figures.join(', ')}; ${((Date.now() - began) / 1000).toFixed(0)} s`)
}

async function onSqlite(): Promise<void> {
  const began = Date.now()
  const folder = temporaryFolder()
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const consents = fileKills
  const house = { folder: folder.path, issuer, store: { sqlite: 'latchkey.db' }, consents }
  const load = createLoad(issuer, { consents, random })
  let server = await startNode(house, port)
  await load.begin()
  for (let kill = 0; kill < fileKills; kill++) {
    const working = load.run()
    await sleep(20 + random() * 300)
    await server.stop('SIGKILL')
    const stopped = working.stop()
    server = await startNode(house, port)
    await stopped
    await load.check()
    if ((kill + 1) % 20 === 0)
      console.log(`     SQLite, kill ${kill + 1}, ${((Date.now() - began) / 1000).toFixed(0)} s`)
  }
  await report(`SQLite, one server killed ${fileKills} times`, load, began)
  await server.stop()
  folder.remove()
}

async function onPostgres(): Promise<void> {
  const began = Date.now()
  const folder = temporaryFolder()
  const cluster = await startCluster()
  const ports = [await freePort(), await freePort(), await freePort()]
  const proxy = await startRoundRobin(0, ports)
  const consents = nodeKills
  const house = { folder: folder.path, issuer: proxy.url, store: { postgres: await cluster.schema() }, consents }
  const nodes: ChildProgram[] = await startAll(house, ports)
  const load = createLoad(proxy.url, { consents, random })
  await load.begin()
  let falls = 0
  for (let kill = 0; kill < nodeKills; kill++) {
    const working = load.run()
    await sleep(20 + random() * 300)
    const victim = Math.floor(random() * nodes.length)
    await nodes[victim]?.stop('SIGKILL')
    if (kill % 10 === 0) {
      await cluster.crash()
      falls++
    }
    nodes[victim] = await startNode(house, ports[victim] ?? 0)
    await working.stop()
    await load.check()
  }
  await report(`PostgreSQL, nodes killed ${nodeKills} times, the database ${falls} times`, load, began)
  await Promise.all(nodes.map((node) => node.stop()))
  await proxy.close()
  await cluster.stop()
  folder.remove()
}

/** The first makes the key file that all of them share. */
async function startAll(house: Parameters<typeof startNode>[0], ports: readonly number[]): Promise<ChildProgram[]> {
  const [first = 0, ...others] = ports
  const node = await startNode(house, first)
  return [node, ...(await Promise.all(others.map((port) => startNode(house, port))))]
}

if (fileKills > 0) await onSqlite()
if (nodeKills > 0 && whyNoPostgres !== null) console.log(`skipped: ${whyNoPostgres}`)
else if (nodeKills > 0) await onPostgres()
process.exit(0)
