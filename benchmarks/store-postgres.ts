/**
 * Prints CPU µs per store operation on PostgreSQL, of this process and of the server's processes for it. Linux, for /proc.
 *
 *   node --conditions=source benchmarks/store-postgres.ts [operations] [at once]
 */
import { readFileSync } from 'node:fs'
import type { AccessTokenRecord } from '@latchkey/provider'
import { createPostgresStore, openPostgres } from '@latchkey/store-sql'
import { once, startCluster } from '../packages/store-sql/src/trials/postgres-cluster.ts'
import { codeOf, groundsOf, hashOf, issuedOf, now } from '../packages/store-sql/src/trials/records.ts'

const count = Number(process.argv[2] ?? 10_000)
const perTurn = Number(process.argv[3] ?? 16)
const rounds = 3
/** What /proc counts in. */
const microsecondsPerTick = 10_000

const cluster = await startCluster()
const url = await cluster.schema()
const store = createPostgresStore(openPostgres(url, { maxConnections: perTurn }))

async function serverMicroseconds(): Promise<number> {
  const processes = await once(url, 'select pid from pg_stat_activity where pid <> pg_backend_pid()')
  return processes.reduce((sum, { pid }) => {
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
    const values = fields.split(' ').map(Number)
    return sum + ((values[11] ?? 0) + (values[12] ?? 0)) * microsecondsPerTick
  }, 0)
}

async function measure(work: (number: number) => Promise<unknown>, first: number) {
  await Promise.all(Array.from({ length: perTurn }, () => store.consents.find('warm', 'up')))
  const server = await serverMicroseconds()
  const own = process.cpuUsage()
  for (let number = first; number < first + count; number += perTurn) {
    await Promise.all(Array.from({ length: perTurn }, (_, index) => work(number + index)))
  }
  const { user, system } = process.cpuUsage(own)
  return { node: (user + system) / count, server: ((await serverMicroseconds()) - server) / count }
}

const tokenOf = (number: number): AccessTokenRecord => ({
  hash: hashOf('lone', number),
  grounds: groundsOf(number),
  createdAt: now,
  expiresAt: now + 3600,
})
const operations = {
  'code created': (number: number) => store.codes.create(codeOf(number)),
  'code redeemed': (number: number) => store.codes.redeem(codeOf(number).hash, issuedOf(number, 'a'), now),
  'refresh token rotated': (number: number) => {
    const issued = { ...issuedOf(number, 'b'), family: null }
    const at = { now, graceSeconds: 30 }
    return store.refreshTokens.rotate(hashOf('refresh-a', number), { issued, sealedSuccessor: 's'.repeat(12) }, at)
  },
  'access token created': (number: number) => store.accessTokens.create(tokenOf(number)),
  'access token found': (number: number) => store.accessTokens.find(hashOf('lone', number), now),
  'family revoked': (number: number) => store.families.revoke(groundsOf(number).familyId, now, now + 3600),
}

const best = new Map<string, { node: number; server: number }>()
for (let round = 0; round < rounds; round++) {
  for (const [name, work] of Object.entries(operations)) {
    const { node, server } = await measure(work, round * (count + perTurn))
    const before = best.get(name) ?? { node: Number.POSITIVE_INFINITY, server: Number.POSITIVE_INFINITY }
    best.set(name, { node: Math.min(node, before.node), server: Math.min(server, before.server) })
  }
}
const [size] = await once(
  url,
  `select sum(pg_total_relation_size(oid))::float8 as bytes from pg_class
   where relkind = 'r' and relname in ('codes', 'families', 'refresh_tokens', 'access_tokens') and pg_table_is_visible(oid)`,
)
console.log(`CPU µs per operation, ${perTurn} at once, best of ${rounds} rounds of ${count}`)
console.table(
  [...best].map(([operation, { node, server }]) => ({
    operation,
    'Node µs': Number(node.toFixed(0)),
    'PostgreSQL µs': Number(server.toFixed(0)),
  })),
)
console.log(
  `bytes of disk for a code with all its tokens and a lone one: ${(Number(size?.bytes) / (count * rounds)).toFixed(0)}`,
)
await store.close()
await cluster.stop()
