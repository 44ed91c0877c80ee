import {
  clientSecretBasic,
  connectProvider,
  createTokenManager,
  type TokenManager,
  type TokenSet,
} from '@latchkey/client'
import type { Runtime } from '@latchkey/protocol'
import { type TestRuntime, testRuntime } from '@latchkey/testing'
import { createMemorySessionStore } from '../session-store/memory-session-store.ts'
import type { SessionStore } from '../session-store/session-store.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { createNonces, createProver } from './dpop-keys.ts'
import { heldTokens } from './held-tokens.ts'
import { newSessionCookie } from './session-cookie.ts'
import { createSessionHost } from './session-host.ts'
import { createSessionSeal, sessionKeyOf } from './session-seal.ts'

/** What befalls the processes; a step is a call to the store or the provider, or its answer. */
export interface Fate {
  /** When each process wants a token, seconds after the start. */
  readonly starts: readonly number[]
  /** A process stands still: no answer reaches it and none of its timers runs. */
  readonly stalls: readonly { readonly node: number; readonly step: number; readonly seconds: number }[]
  /** A process ends for good. */
  readonly crash: { readonly node: number; readonly step: number } | null
  /** Seconds from a request to its effect, and from there to its answer. */
  readonly latencies: readonly (readonly [before: number, after: number])[]
  /** The provider's; what the processes know of it too. */
  readonly graceSeconds: number
  /** Whether the store can tell that a process has ended. */
  readonly deathIsSeen: boolean
}

export interface Outcome {
  /** What each process got: a token, `crashed`, or why it got none. */
  readonly got: readonly string[]
  /** How often the provider was asked with the refresh token of the beginning. */
  readonly asked: number
  readonly refusals: number
  readonly isFamilyAlive: boolean
  /** The refresh token of the beginning was used up, and the process that did it crashed before it wrote the next. */
  readonly wasLostWithAProcess: boolean
  readonly isSessionAlive: boolean
}

const issuer = 'https://id.example.com'
const tripSeconds = 0.01

/** Several processes with one session store and one strict provider, all of whose steps take time, in one clock. */
export async function liveThrough(fate: Fate): Promise<Outcome> {
  const runtime = testRuntime()
  const store = createMemorySessionStore()
  const provider = strictProvider(runtime, fate)
  const cookie = newSessionCookie(runtime)
  const seal = createSessionSeal({ keys: [sessionKeyOf(runtime.randomBytes(32))], cookie, runtime })
  const now = runtime.now()
  await store.create(
    {
      ...{ hash: cookie.hash, sub: 'alice', sid: null, clientId: 'web', version: 1, createdAt: now, lastSeenAt: now },
      sealedTokens: seal.seal(heldTokens(expired(now), ' ')),
      idleExpiresAt: now + 86_400,
      absoluteExpiresAt: now + 86_400,
    },
    null,
  )
  const nodes = fate.starts.map((_, index) => createNode(runtime, fate, index))
  const managers = nodes.map((node): TokenManager => {
    const connection = connectProvider({
      ...{ issuer, clientId: 'web', authentication: clientSecretBasic('secret'), timeoutSeconds: 30 },
      runtime: { ...node.runtime, fetch: (input, init) => node.trip(() => provider.answer(node, String(input), init)) },
    })
    const host = createSessionHost({
      ...{ hash: cookie.hash, seal, connection, leaseSeconds: 1, requestSeconds: 30, emit: () => {} },
      store: node.store(store, (holder) => fate.deathIsSeen && nodes[Number(holder)]?.hasCrashed() === true),
      breaker: createCircuitBreaker(node.runtime),
      graceSeconds: async () => fate.graceSeconds,
      proverOf: (jwk) => createProver(jwk, { runtime: node.runtime, nonces: createNonces() }),
    })
    return createTokenManager({ host: host.audience({}), runtime: node.runtime })
  })
  const got = fate.starts.map((): string => 'nothing')
  for (const [index, seconds] of fate.starts.entries()) {
    runtime.schedule(seconds, () => {
      managers[index]?.get().then(
        (tokens) => (got[index] = tokens?.accessToken ?? 'no session'),
        (error: unknown) => (got[index] = String(error)),
      )
    })
  }
  const isOpen = (index: number) => got[index] === 'nothing' && nodes[index]?.hasCrashed() === false
  for (let step = 0; step < 3000 && got.some((_, index) => isOpen(index)); step++) {
    await new Promise(setImmediate)
    runtime.clock.advance(0.1)
  }
  for (const [index, node] of nodes.entries()) if (node.hasCrashed()) got[index] = 'crashed'
  const isSessionAlive = (await store.load(cookie.hash, runtime.now())) !== null
  return { got, ...provider.seen(nodes), isSessionAlive }
}

type Node = ReturnType<typeof createNode>

function createNode(shared: TestRuntime, { stalls, crash }: Fate, index: number) {
  let step = 0
  let crashed = false
  let stalledUntil = 0
  /** Runs `work` when the process is able to, if it ever is. */
  function whenAble(work: () => void): void {
    if (crashed) return
    if (shared.now() < stalledUntil) shared.schedule(stalledUntil - shared.now(), () => whenAble(work))
    else work()
  }
  function pass(): Promise<void> {
    step++
    if (crash?.node === index && crash.step === step) crashed = true
    const stall = stalls.find((one) => one.node === index && one.step === step)
    if (stall !== undefined) stalledUntil = Math.max(stalledUntil, shared.now() + stall.seconds)
    return new Promise((resolve) => shared.schedule(tripSeconds, () => whenAble(resolve)))
  }
  async function trip<T>(work: () => Promise<T>): Promise<T> {
    await pass()
    const answer = await work()
    await pass()
    return answer
  }
  const runtime: Runtime = { ...shared, schedule: (seconds, task) => shared.schedule(seconds, () => whenAble(task)) }
  return {
    runtime,
    trip,
    hasCrashed: () => crashed,
    store(store: SessionStore, isGone: (holder: string) => boolean): SessionStore {
      const verbs = ['load', 'announceRequest', 'renewLease', 'commitTokens', 'releaseRefresh', 'revoke'] as const
      const slow = verbs.map((name) => {
        const verb = store[name] as (...given: unknown[]) => Promise<unknown>
        return [name, (...given: unknown[]) => trip(() => verb(...given))]
      })
      return {
        ...store,
        ...(Object.fromEntries(slow) as Partial<SessionStore>),
        claimRefresh: (hash, version, at) =>
          trip(async () => {
            const claim = await store.claimRefresh(hash, version, at)
            if (claim.outcome === 'claimed') holders.set(`${hash} ${claim.fence}`, index)
            return claim.outcome === 'busy'
              ? { ...claim, holder: String(holders.get(`${hash} ${claim.fence}`)) }
              : claim
          }),
        isGone: async (holder) => isGone(holder),
      }
    },
  }
}

/** Who claimed which fence: the memory store knows one process only. */
const holders = new Map<string, number>()

/** Rotates at every use; a second use within the grace gets the same successor, after it ends the family. */
function strictProvider(runtime: TestRuntime, { latencies, graceSeconds }: Fate) {
  let asked = 0
  let refusals = 0
  let isFamilyAlive = true
  const used = new Map<string, { readonly at: number; readonly by: Node }>()
  const wait = (seconds: number) => new Promise<void>((resolve) => void runtime.schedule(seconds, resolve))
  function redeem(token: string, by: Node): Response {
    const before = used.get(token)
    if (before !== undefined && runtime.now() > before.at + graceSeconds) isFamilyAlive = false
    if (!isFamilyAlive) {
      refusals++
      return Response.json({ error: 'invalid_grant' }, { status: 400 })
    }
    if (before === undefined) used.set(token, { at: runtime.now(), by })
    const [access_token, refresh_token] = [`access after ${token}`, `${token}+`]
    return Response.json({ access_token, refresh_token, token_type: 'Bearer', expires_in: 300 })
  }
  return {
    async answer(node: Node, url: string, init: RequestInit | undefined): Promise<Response> {
      if (init?.method !== 'POST') return Response.json(metadata, { headers: { 'x-from': url } })
      const token = new URLSearchParams(String(init.body)).get('refresh_token') ?? ''
      const [before, after] = latencies[asked % latencies.length] ?? [0, 0]
      if (token === 'r1') asked++
      await wait(before)
      const answer = redeem(token, node)
      await wait(after)
      return answer
    },
    seen(nodes: readonly Node[]) {
      const by = used.get('r1')?.by
      const wasLostWithAProcess = by !== undefined && nodes.includes(by) && by.hasCrashed()
      return { asked, refusals, isFamilyAlive, wasLostWithAProcess }
    },
  }
}

const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  response_types_supported: ['code'],
}

function expired(now: number): TokenSet {
  return {
    ...{ accessToken: 'a1', tokenType: 'Bearer', issuedAt: now - 300, expiresAt: now - 1, scope: [] },
    ...{ refreshToken: 'r1', idToken: null, claims: null, renewals: 0 },
  }
}
