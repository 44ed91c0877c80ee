/**
 * Three nodes of an earlier version on PostgreSQL behind a round-robin proxy are replaced by this version one after the
 * other, under load, and one of them goes back and forth again. Everything acknowledged must be there afterwards, and no
 * client may see more than a refusal for the moment.
 *
 *   npm run drive:store-upgrade -- CHECKOUT [seed]
 *
 * CHECKOUT is a folder with the earlier version and its dependencies: `git worktree add`, then `npm ci` there.
 */
import { resolve } from 'node:path'
import { startCluster } from '../../packages/store-sql/src/trials/postgres-cluster.ts'
import { seeded } from '../../packages/store-sql/src/trials/seeded.ts'
import { root } from '../processes/child-program.ts'
import { freePort, temporaryFolder } from '../processes/provider.ts'
import { startNode } from './store/house.ts'
import { openEar } from './store/leaver.ts'
import { createLoad } from './store/load.ts'
import { startRoundRobin } from './store/proxy.ts'

const [earlier, seed = '1'] = process.argv.slice(2)
if (earlier === undefined)
  throw new Error('Name the folder of an earlier version: npm run drive:store-upgrade -- CHECKOUT')
const checkouts = { earlier: resolve(process.env.LATCHKEY_INVOKED_FROM ?? '.', earlier), this: root }

const folder = temporaryFolder()
const cluster = await startCluster()
const ports = [await freePort(), await freePort(), await freePort()]
const proxy = await startRoundRobin(0, ports)
const ear = await openEar()
const store = { postgres: await cluster.schema() }
const house = { folder: folder.path, issuer: proxy.url, store, consents: 60, toldAt: ear.uri }
const start = (port: number, version: keyof typeof checkouts) =>
  startNode({ ...house, checkout: checkouts[version] }, port)
const [first = 0] = ports
const nodes = new Map([[first, await start(first, 'earlier')]])
for (const port of ports.slice(1)) nodes.set(port, await start(port, 'earlier'))
const load = createLoad(proxy.url, { consents: house.consents, browsers: 3, random: seeded(Number(seed)), ear })
await load.begin()

const steps = [...ports.map((port) => [port, 'this'] as const), [first, 'earlier'] as const, [first, 'this'] as const]
for (const [port, version] of steps) {
  const working = load.run()
  await new Promise((done) => setTimeout(done, 2000))
  const code = await nodes.get(port)?.stop()
  if (code !== 0) throw new Error(`a node that was asked to end ended with ${code}`)
  nodes.set(port, await start(port, version))
  await new Promise((done) => setTimeout(done, 2000))
  await working.stop()
  await load.check()
  console.log(`     node ${ports.indexOf(port) + 1} is of ${version === 'this' ? 'this' : 'the earlier'} version`)
}
const facts = await load.checkAll()
const figures = Object.entries(load.tally).map(([what, count]) => `${count} ${what}`)
console.log(`ok   replaced one after the other: ${facts} facts kept; ${figures.join(', ')}`)
for (const node of nodes.values()) await node.stop()
await Promise.all([proxy.close(), ear.close(), cluster.stop()])
folder.remove()
process.exit(0)
