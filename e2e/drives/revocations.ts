/**
 * A token revoked at one node of the provider is refused by guards in three processes that follow the feed wherever it
 * comes from: how soon, and that none is accepted past the guards' limit while nodes and guards are killed and the network
 * is cut. Prints figures and fails when a revoked token was accepted for longer than it may be.
 *
 *   npm run drive:revocations -- [revocations] [seconds of the cut] [the guards' limit in seconds]
 */
import { join } from 'node:path'
import { startCluster, whyNoPostgres } from '../../packages/store-sql/src/trials/postgres-cluster.ts'
import { freePort, temporaryFolder } from '../processes/provider.ts'
import { type Guard, startGuard } from './revocations/guards.ts'
import {
  audience,
  issue,
  type ProviderNodes,
  revoke,
  secret,
  startProviderNodes,
} from './revocations/provider-nodes.ts'
import { startRelay } from './revocations/relay.ts'

const [revocations = 1000, cutSeconds = 30, limitSeconds = 10] = process.argv.slice(2).map(Number)
/** What measuring and asking itself takes. */
const slackSeconds = 1.5

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))
const now = () => performance.now() / 1000

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

const folder = temporaryFolder()
const cluster = whyNoPostgres === null ? await startCluster() : null
const ports = [await freePort(), await freePort()] as const
const relayPort = await freePort()
/** The node that guards reach; they change over when it is gone. */
let reached = 0
const relay = await startRelay(relayPort, () => ports[reached] ?? 0)
const issuer = `http://127.0.0.1:${relay.port}`
const store = cluster === null ? { sqlite: 'latchkey.db' } : { postgres: await cluster.schema() }
const nodes: ProviderNodes = await startProviderNodes({ folder: folder.path, issuer, store, ports })
const guardArgs = (index: number) => [
  issuer,
  audience,
  secret,
  String(limitSeconds),
  join(folder.path, `feed-${index}`),
]
const guards: Guard[] = await Promise.all([0, 1, 2].map((index) => startGuard(guardArgs(index))))
const where = cluster === null ? `two nodes on SQLite (${whyNoPostgres})` : 'two nodes on PostgreSQL'

const askAll = (what: 'ask' | 'until', token: string) => Promise.all(guards.map((guard) => guard.ask(what, token)))

/** How often a good token had to wait because a guard did not know enough: on a machine that is busy with other things. */
let waits = 0

/** Every guard takes it; one whose feed or keys are not there yet says so with 503 and is asked again. */
async function accepted(token: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answers = (await askAll('ask', token)).map(({ answer }) => answer)
    if (answers.every((answer) => answer === 'admitted')) return
    must(!answers.includes('401') && tries < 300, `a good token was refused: ${answers}`)
    if (tries === 0) waits++
    await sleep(0.2)
  }
}

/** Issued at one node, revoked at the other, refused by all: the longest it took, in milliseconds. */
async function revokedEverywhere(round: number): Promise<readonly number[]> {
  const token = await issue(ports[round % 2] ?? 0)
  await accepted(token)
  await revoke(ports[(round + 1) % 2] ?? 0, token)
  return (await askAll('until', token)).map(({ milliseconds }) => milliseconds)
}

async function delays(): Promise<void> {
  const all: number[] = []
  for (let round = 0; round < revocations; round++) all.push(...(await revokedEverywhere(round)))
  all.sort((a, b) => a - b)
  const at = (share: number) => (all[Math.min(all.length - 1, Math.floor(share * all.length))] ?? 0).toFixed(1)
  const longest = all.at(-1) ?? 0
  must(longest <= limitSeconds * 1000, `a revoked token was accepted for ${longest} ms`)
  console.log(
    `ok   ${revocations} revocations at ${where}, 3 guards: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms; ${waits} times a good token got 503 first`,
  )
}

/** The node that guards follow dies; what is revoked at the other is refused all the same. */
async function nodeKilled(): Promise<void> {
  const before = await issue(ports[0])
  await accepted(before)
  const other = 1 - reached
  await nodes.kill(reached)
  await revoke(ports[other] ?? 0, before)
  const began = now()
  reached = other
  await refusedWithin(before, began)
  const took = now() - began
  await nodes.start(1 - other)
  const [after] = [await issue(ports[1 - other] ?? 0)]
  await accepted(after)
  await revoke(ports[1 - other] ?? 0, after)
  await refusedWithin(after, now())
  console.log(
    `ok   the node that guards follow killed and started again: refused ${took.toFixed(2)} s after the revocation`,
  )
}

/** Every node dies at once; what was revoked before stays so, and the feed goes on. */
async function providerRestarted(): Promise<void> {
  const revoked = await issue(ports[0])
  await accepted(revoked)
  await revoke(ports[1], revoked)
  await Promise.all([nodes.kill(0), nodes.kill(1)])
  const began = now()
  for (const index of [0, 1]) await nodes.start(index)
  await refusedWithin(revoked, began)
  const next = await issue(ports[0])
  await accepted(next)
  await revoke(ports[1], next)
  await refusedWithin(next, now())
  console.log(
    'ok   the whole provider killed and started again: what was revoked stays so, and what follows is heard of',
  )
}

/** A guard dies; when it is back it knows, with the provider and without it. */
async function guardKilled(): Promise<void> {
  const [kept, revoked] = [await issue(ports[0]), await issue(ports[1])]
  await accepted(kept)
  await accepted(revoked)
  const [first] = guards
  await first?.kill()
  await revoke(ports[0], revoked)
  guards[0] = await startGuard(guardArgs(0))
  must((await guards[0].ask('ask', revoked)).answer === '401', 'a guard that began again accepted what was revoked')
  must((await guards[0].ask('ask', kept)).answer === 'admitted', 'a guard that began again refused a good token')
  await sleep(6)
  await guards[0].kill()
  await relay.cut()
  guards[0] = await startGuard(guardArgs(0))
  const answers = await Promise.all([revoked, kept].map((token) => guards[0]?.ask('ask', token)))
  must(
    answers.every((reply) => reply?.answer === '503' || reply?.answer === '401'),
    `a guard without a provider said ${answers.map((reply) => reply?.answer)}`,
  )
  await relay.mend()
  console.log(
    'ok   a guard killed and started again refuses what was revoked meanwhile; without the provider it answers 503',
  )
}

/** The network between them breaks: nothing revoked is accepted once the feed is older than the limit. */
async function connectionCut(): Promise<void> {
  const [kept, ...revoked] = await Promise.all(Array.from({ length: 21 }, () => issue(ports[0])))
  for (const token of [kept ?? '', ...revoked]) await accepted(token)
  await relay.cut()
  const cutAt = now()
  for (const token of revoked) await revoke(ports[0], token)
  let lastAccepted = 0
  let unavailable = 0
  while (now() < cutAt + cutSeconds) {
    for (const token of revoked.slice(0, 5)) {
      const asked = now()
      for (const { answer } of await askAll('ask', token)) {
        if (answer === 'admitted') lastAccepted = asked - cutAt
        if (answer === '503') unavailable++
      }
    }
    await sleep(0.1)
  }
  must(lastAccepted <= limitSeconds + slackSeconds, `a revoked token was accepted ${lastAccepted} s after the cut`)
  must(unavailable > 0 || cutSeconds <= limitSeconds, 'no guard noticed that its feed was old')
  await relay.mend()
  const began = now()
  for (const token of revoked) await refusedWithin(token, began)
  const caughtUp = now() - began
  await accepted(kept ?? '')
  console.log(
    `ok   connection cut for ${cutSeconds} s with a limit of ${limitSeconds} s: last accepted ${lastAccepted.toFixed(1)} s after the cut, then 503; all refused ${caughtUp.toFixed(1)} s after it stood again`,
  )
}

/** Refused by every guard with 401, and accepted by none past the limit. */
async function refusedWithin(token: string, began: number): Promise<void> {
  for (;;) {
    const asked = now()
    const answers = (await askAll('ask', token)).map(({ answer }) => answer)
    if (answers.every((answer) => answer === '401')) return
    const isLate = asked - began > limitSeconds + slackSeconds
    must(!isLate || !answers.includes('admitted'), `a revoked token was accepted ${(asked - began).toFixed(1)} s later`)
    must(asked - began < limitSeconds + 60, `guards still say ${answers} a minute past the limit`)
    await sleep(0.05)
  }
}

await delays()
await nodeKilled()
await providerRestarted()
await guardKilled()
await connectionCut()
await Promise.all(guards.map((guard) => guard.kill()))
await nodes.stop()
await cluster?.stop()
folder.remove()
process.exit(0)
