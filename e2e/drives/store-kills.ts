/**
 * `kill -9` at seeded moments under load, over HTTP: `latchkey serve` on SQLite; then three nodes on PostgreSQL behind a
 * round-robin proxy, of which nodes and the database itself are killed. Everything acknowledged must be there afterwards,
 * and nothing redeemed twice. Prints figures and fails when anything was lost.
 *
 *   npm run drive:store -- [kills on SQLite] [kills of nodes on PostgreSQL] [kills of PostgreSQL] [seed]
 */
import { startCluster, whyNoPostgres } from '../../packages/store-sql/src/trials/postgres-cluster.ts'
import { seeded } from '../../packages/store-sql/src/trials/seeded.ts'
import { freePort, temporaryFolder } from '../processes/provider.ts'
import { startNode } from './store/house.ts'
import { openEar } from './store/leaver.ts'
import { createLoad, type Load } from './store/load.ts'
import { startNodes } from './store/nodes.ts'
import { startRoundRobin } from './store/proxy.ts'

const [fileKills = 200, nodeKills = 200, falls = 5, seed = 1] = process.argv.slice(2).map(Number)
const random = seeded(seed)
/** After so many the load stands still and what was acknowledged is looked for. */
const killsOfRound = 10

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
  const ear = await openEar()
  const house = { folder: folder.path, issuer, store: { sqlite: 'latchkey.db' }, consents, toldAt: ear.uri }
  const load = createLoad(issuer, { consents, browsers: 2, random, ear })
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
  await ear.close()
  folder.remove()
}

async function onPostgres(): Promise<void> {
  const began = Date.now()
  const folder = temporaryFolder()
  const cluster = await startCluster()
  const ports = [await freePort(), await freePort(), await freePort()]
  const proxy = await startRoundRobin(0, ports)
  const consents = nodeKills
  const ear = await openEar()
  const store = { postgres: await cluster.schema() }
  const house = { folder: folder.path, issuer: proxy.url, store, consents, toldAt: ear.uri }
  const nodes = await startNodes(house, ports)
  const load = createLoad(proxy.url, { consents, browsers: 4, random, ear })
  await load.begin()
  const fallsAt = new Set(Array.from({ length: falls }, (_, fall) => Math.floor((nodeKills * (fall + 0.5)) / falls)))
  for (let kill = 0; kill < nodeKills; ) {
    const working = load.run()
    const roundEnds = Math.min(kill + killsOfRound, nodeKills)
    for (; kill < roundEnds; kill++) {
      await sleep(100 + random() * 900)
      await nodes.kill(random())
      if (fallsAt.has(kill)) await cluster.crash()
    }
    await nodes.allUp()
    await working.stop()
    await load.check()
    console.log(`     PostgreSQL, kill ${kill}, ${((Date.now() - began) / 1000).toFixed(0)} s`)
  }
  await report(`PostgreSQL, nodes killed ${nodeKills} times, the database ${fallsAt.size} times`, load, began)
  await nodes.stop()
  await ear.close()
  await proxy.close()
  await cluster.stop()
  folder.remove()
}

if (fileKills > 0) await onSqlite()
if (nodeKills > 0 && whyNoPostgres !== null) console.log(`skipped: ${whyNoPostgres}`)
else if (nodeKills > 0) await onPostgres()
process.exit(0)
