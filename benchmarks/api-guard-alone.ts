/**
 * The same without HTTP, whose own cost swings by more than a guard adds: CPU microseconds for one decision of the guard,
 * for a token seen before and for one seen for the first time, beside `jwtVerify` of jose, which most guards are built on.
 *
 *   node --conditions=source benchmarks/api-guard-alone.ts [tokens per round] [rounds]
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApiGuard } from '@latchkey/api'
import { type CryptoKey, createLocalJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose'

const audience = 'https://api.example.com'
const algorithms = ['RS256', 'ES256'] as const
type Alg = (typeof algorithms)[number]
const [count = 2000, rounds = 7] = process.argv.slice(2).map(Number)

const privateKeys = new Map<Alg, CryptoKey>()
const keys: JWK[] = []
for (const alg of algorithms) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  privateKeys.set(alg, privateKey)
  keys.push({ ...(await exportJWK(publicKey)), alg, kid: alg, use: 'sig' })
}
const server = createServer(({ url }, response) => {
  response.end(JSON.stringify(url === '/jwks' ? { keys } : { issuer, jwks_uri: `${issuer}/jwks` }))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const guard = createApiGuard({ issuer, audience })
const local = createLocalJWKSet({ keys })

let serial = 0
const sign = (alg: Alg) =>
  new SignJWT({ scope: 'openid read:messages', client_id: 'web', jti: `family.${serial++}` })
    .setProtectedHeader({ alg, kid: alg, typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject('alice')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKeys.get(alg) as CryptoKey)

async function ours(token: string): Promise<void> {
  const { outcome } = await guard.authenticate({ authorization: `Bearer ${token}` })
  if (outcome !== 'admitted') throw new Error(`a good token was ${outcome}`)
}
const jose = async (token: string) => void (await jwtVerify(token, local, { issuer, audience, typ: 'at+jwt' }))

const measured = new Map<string, number[]>()
async function measure(name: string, tokens: readonly string[], verify: (token: string) => Promise<void>) {
  const from = process.cpuUsage()
  for (const token of tokens) await verify(token)
  const { user, system } = process.cpuUsage(from)
  measured.set(name, [...(measured.get(name) ?? []), (user + system) / tokens.length])
}

for (let round = 0; round <= rounds; round++) {
  if (round === 1) measured.clear()
  for (const alg of algorithms) {
    const tokens = await Promise.all(Array.from({ length: count }, () => sign(alg)))
    await measure(`latchkey, first sight, ${alg}`, tokens, ours)
    await measure(`latchkey, known, ${alg}`, [...tokens, ...tokens, ...tokens], ours)
    await measure(`jose alone, ${alg}`, tokens, jose)
  }
}
console.log(`CPU µs a decision over ${rounds} rounds of ${count} tokens, without HTTP`)
for (const [name, given] of [...measured].sort(([a], [b]) => a.localeCompare(b))) {
  const sorted = [...given].sort((a, b) => a - b)
  const [least = 0, median = 0] = [sorted[0], sorted[Math.floor(sorted.length / 2)]]
  console.log(`${name.padEnd(32)} least ${least.toFixed(1).padStart(7)}   median ${median.toFixed(1).padStart(7)}`)
}
server.close()
process.exit(0)
