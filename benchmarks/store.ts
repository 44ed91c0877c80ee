/** Prints µs per store operation, memory beside SQLite (durable, synchronous=FULL): `node --conditions=source benchmarks/store.ts`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AccessTokenRecord, CodeRecord, Grounds, HandleHash, Issued, Store } from '@latchkey/provider'
import { createMemoryStore } from '@latchkey/provider/memory-store'
import { createSqliteStore, openSqlite } from '@latchkey/store-sql'

const total = 20_000
const turns = [1, 10, 50] as const
const rounds = 3
const now = 1_800_000_000

let serial = 0
function hashOf(): HandleHash {
  serial++
  const noise = Math.imul(serial, 2_654_435_761) >>> 0
  return `${(now * 1000 + serial).toString(16).padStart(11, '0')}${noise.toString(36).padStart(43, 'k')}` as HandleHash
}

function groundsOf(): Grounds {
  serial++
  return {
    familyId: hashOf(),
    clientId: 'web',
    sub: '248289761001',
    scope: ['openid', 'profile', 'email', 'offline_access'],
    resources: ['https://api.example.com'],
    sid: hashOf(),
    authTime: now,
    acr: null,
    amr: ['pwd'],
    cnf: null,
  }
}

function codeOf(grounds: Grounds): CodeRecord {
  return {
    hash: hashOf(),
    grounds,
    redirectUri: 'https://app.example.com/cb',
    redirectUriGiven: true,
    nonce: 'n-0S6_WzA2Mj',
    codeChallenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    createdAt: now,
    expiresAt: now + 60,
  }
}

function accessTokenOf(grounds: Grounds): AccessTokenRecord {
  return { hash: hashOf(), grounds, createdAt: now, expiresAt: now + 3600 }
}

function issuedOf(grounds: Grounds): Issued & { readonly refreshToken: { readonly hash: HandleHash } } {
  const { familyId, clientId, sub, sid } = grounds
  const absoluteExpiresAt = now + 7_776_000
  return {
    family: { familyId, clientId, sub, sid, createdAt: now, expiresAt: absoluteExpiresAt },
    accessToken: null,
    refreshToken: { hash: hashOf(), grounds, createdAt: now, expiresAt: now + 1_209_600, absoluteExpiresAt },
  }
}

/** CPU µs (user and system) and wall-clock µs per operation, `perTurn` operations at once. */
async function measure(jobs: readonly (() => Promise<unknown>)[], perTurn: number): Promise<readonly [number, number]> {
  const cpu = process.cpuUsage()
  const start = process.hrtime.bigint()
  for (let index = 0; index < jobs.length; index += perTurn) {
    await Promise.all(jobs.slice(index, index + perTurn).map((job) => job()))
  }
  const wall = Number(process.hrtime.bigint() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  return [(user + system) / jobs.length, wall / jobs.length]
}

async function benchmark(store: Store, perTurn: number) {
  const count = perTurn === 1 ? total / 10 : total
  const grounds = Array.from({ length: count }, groundsOf)
  const codes = grounds.map(codeOf)
  const first = grounds.map(issuedOf)
  const second = grounds.map(issuedOf)
  const tokens = grounds.map(accessTokenOf)
  const at = { now, graceSeconds: 30 }
  return {
    'code created': await measure(
      codes.map((code) => () => store.codes.create(code)),
      perTurn,
    ),
    'code redeemed': await measure(
      codes.map((code, index) => () => store.codes.redeem(code.hash, first[index] as Issued, now)),
      perTurn,
    ),
    'refresh token rotated': await measure(
      first.map((used, index) => () => {
        const issued = { ...(second[index] as Issued), family: null }
        return store.refreshTokens.rotate(used.refreshToken.hash, { issued, sealedSuccessor: 's'.repeat(12) }, at)
      }),
      perTurn,
    ),
    'access token created': await measure(
      tokens.map((token) => () => store.accessTokens.create(token)),
      perTurn,
    ),
    'access token found': await measure(
      tokens.map((token) => () => store.accessTokens.find(token.hash, now)),
      perTurn,
    ),
  }
}

const folder = mkdtempSync(join(tmpdir(), 'latchkey-benchmark-'))
const best = new Map<string, readonly [number, number]>()
try {
  for (let round = 0; round < rounds; round++) {
    const kinds = {
      memory: createMemoryStore(),
      SQLite: createSqliteStore(openSqlite(join(folder, `${round}.db`))),
    }
    for (const perTurn of turns) {
      for (const [kind, store] of Object.entries(kinds)) {
        for (const [operation, [cpu, wall]] of Object.entries(await benchmark(store, perTurn))) {
          const key = `${operation}|${perTurn}|${kind}`
          const [bestCpu, bestWall] = best.get(key) ?? [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
          best.set(key, [Math.min(cpu, bestCpu), Math.min(wall, bestWall)])
        }
      }
    }
    for (const store of Object.values(kinds)) await store.close()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

console.log(`µs per operation, best of ${rounds} rounds`)
console.table(
  [...best].map(([key, [cpu, wall]]) => {
    const [operation, perTurn, store] = key.split('|')
    return {
      operation,
      'at once': Number(perTurn),
      store,
      'CPU µs': Number(cpu.toFixed(1)),
      'wall µs': Number(wall.toFixed(1)),
    }
  }),
)
