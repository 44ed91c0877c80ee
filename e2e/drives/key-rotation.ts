/**
 * Signing keys rotate three times under load: three nodes on PostgreSQL, processes of their own, behind a round-robin proxy,
 * under a clock that runs 20 times as fast. The API guard, jose and openid-client verify what is signed, each with a key set
 * that it keeps; a token is verified again and again until it expires. Fails when one is refused.
 *
 *   npm run drive:keys -- [rotations] [times as fast]
 */
import { createApiGuard } from '@latchkey/api'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { startCluster, whyNoPostgres } from '../../packages/store-sql/src/trials/postgres-cluster.ts'
import { type ChildProgram, startProgram } from '../processes/child-program.ts'
import { freePort, temporaryFolder } from '../processes/provider.ts'
import { fastRuntime } from './keys/fast-clock.ts'
import { codeFor, customerOf, signIn } from './store/customer.ts'
import { redirectUri, secret, writeConfig } from './store/house.ts'
import { startRoundRobin } from './store/proxy.ts'

const [rotations = 3, factor = 20] = process.argv.slice(2).map(Number)
const from = systemRuntime.now()
const runtime = fastRuntime(from, factor)
// jose and openid-client keep time by Date.
Date.now = () => Math.round(runtime.now() * 1000)

const jwtApi = 'https://jwt.example.com'
const lifetime = 900
const web = {
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid offline_access',
  require_pkce: false,
}
const more = {
  key_schedule: { rotate: 1500, announce: 600, keep: 1300 },
  lifetimes: { access_token: lifetime, id_token: lifetime },
  resources: [{ identifier: jwtApi, name: 'API', scopes: [], access_token_format: 'jwt' }],
  clients: [
    { client_id: 'machine', client_secret: secret, grant_types: ['client_credentials'], resources: [jwtApi] },
    { client_id: 'web-0', client_secret: secret, redirect_uris: [redirectUri], ...web },
  ],
}

if (whyNoPostgres !== null) {
  console.log(`skipped: ${whyNoPostgres}`)
  process.exit(0)
}
const folder = temporaryFolder()
const cluster = await startCluster()
const ports = [await freePort(), await freePort(), await freePort()]
const proxy = await startRoundRobin(0, ports)
const issuer = proxy.url
const house = { folder: folder.path, issuer, store: { postgres: await cluster.schema() }, consents: 0, more }
const nodes: ChildProgram[] = []
for (const port of ports) {
  const node = startProgram('e2e/drives/keys/fast-node.ts', {
    args: [writeConfig(house, port), String(from), String(factor)],
  })
  await node.line(/Latchkey is ready/)
  nodes.push(node)
}

const { post, person } = customerOf(issuer, () => {})
const alice = person()
await signIn(alice)
const guard = createApiGuard({ issuer, audience: jwtApi, runtime, onError: (error) => console.log(`guard: ${error}`) })
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
const config = await oidc.discovery(new URL(issuer), 'web-0', secret, oidc.ClientSecretBasic(secret), {
  execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
})

const tally = { tokens: 0, byGuard: 0, byJose: 0, byOpenidClient: 0 }
const signers = new Map<string, Set<string>>()
const failures: string[] = []
const live: { jwt: string; until: number; forGuard: boolean }[] = []

function keep(jwt: string, forGuard: boolean): void {
  const { alg = '', kid = '' } = decodeProtectedHeader(jwt)
  signers.set(alg, (signers.get(alg) ?? new Set()).add(kid))
  live.push({ jwt, until: runtime.now() + lifetime - 200, forGuard })
  tally.tokens++
}

async function machine(): Promise<void> {
  const { status, body } = await post('/token', 'machine', { grant_type: 'client_credentials', resource: jwtApi })
  if (status !== 200) throw new Error(`client_credentials: ${status} ${JSON.stringify(body)}`)
  keep(String(body.access_token), true)
}

async function signInOnce(): Promise<void> {
  const query = new URLSearchParams({ code: await codeFor(alice, 'web-0'), state: 's', iss: issuer })
  const checks = { expectedState: 's', idTokenExpected: true }
  const tokens = await oidc.authorizationCodeGrant(config, new URL(`${redirectUri}?${query}`), checks)
  tally.byOpenidClient++
  keep(tokens.id_token ?? '', false)
}

async function verifyAll(): Promise<void> {
  while (live[0] !== undefined && live[0].until <= runtime.now()) live.shift()
  for (const { jwt, forGuard } of live.filter(({ until }) => until > runtime.now())) {
    await jwtVerify(jwt, keys, { issuer })
    tally.byJose++
    if (!forGuard) continue
    const decision = await guard.authenticate({ authorization: `Bearer ${jwt}` })
    if (decision.outcome !== 'admitted') throw new Error(`the guard said ${decision.outcome}`)
    tally.byGuard++
  }
}

const rotated = () => Math.min(...['ES256', 'RS256'].map((alg) => (signers.get(alg)?.size ?? 0) - 1))
let isOver = false
const until = async (name: string, job: () => Promise<void>): Promise<void> => {
  while (!isOver) {
    await job().catch((error) => failures.push(`${name} at ${(runtime.now() - from).toFixed(0)}: ${error}`))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const working = Promise.all([
  until('token', machine),
  until('token', machine),
  until('openid-client', signInOnce),
  until('verify', verifyAll),
])
for (let seen = -1; rotated() < rotations; ) {
  await new Promise((resolve) => setTimeout(resolve, 500))
  if (rotated() !== seen)
    console.log(`     rotation ${rotated()} at ${(runtime.now() - from).toFixed(0)} s of its clock`)
  seen = rotated()
  if (failures.length > 50 || runtime.now() - from > (rotations + 2) * 3000) break
}
isOver = true
await working
await Promise.all(nodes.map((node) => node.stop()))
await proxy.close()
await cluster.stop()
folder.remove()
const figures = `${tally.tokens} tokens; verified ${tally.byGuard} times by the guard, ${tally.byJose} by jose, ${tally.byOpenidClient} by openid-client`
if (failures.length > 0 || rotated() < rotations) {
  console.error(
    `${failures.length} failures after ${rotated()} rotations; ${figures}\n${failures.slice(0, 10).join('\n')}`,
  )
  process.exit(1)
}
console.log(`ok   ${rotated()} rotations of ES256 and RS256 on three nodes: ${figures}; none refused`)
process.exit(0)
