import { setImmediate } from 'node:timers/promises'
import { createApiGuard } from '@latchkey/api'
import { createLocalJWKSet, createRemoteJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import * as oidc from 'openid-client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { listen } from './listen.ts'
import { testApi, testSecrets } from './test-clients.ts'
import type { TestProvider } from './test-provider.ts'
import { testRuntime } from './test-runtime.ts'
import { onSharedPlaces, type SharedPlace } from './test-shared-places.ts'

beforeEach(() => {
  // jose keeps time by Date alone; every timer stays real.
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(() => void vi.useRealTimers())

const keySchedule = { rotate: 3600, announce: 900, keep: 1200 }
const lifetimes = { access_token: 300, id_token: 300, session: 600 }

/** Three nodes on one data set behind one address, asked in turn. */
async function cluster(place: SharedPlace) {
  const runtime = testRuntime()
  const nodes: TestProvider[] = []
  let turn = 0
  const next = () => nodes[turn++ % nodes.length] as TestProvider
  const server = await listen((request) => next().provider.fetch(request))
  nodes.push(...(await place.nodes(3, { issuer: server.origin, runtime, keySchedule, lifetimes })))
  place.closing(server)
  vi.setSystemTime(runtime.now() * 1000)
  return {
    nodes,
    next,
    runtime,
    issuer: server.origin,
    async advance(seconds: number) {
      runtime.clock.advance(seconds)
      vi.setSystemTime(runtime.now() * 1000)
      // What fell due asks the store, which may stand in another process: it is waited for by asking beside it.
      for (const { store } of nodes) for (let n = 0; n < 3; n++) await store.keys.list()
      for (let n = 0; n < 10; n++) await setImmediate()
    },
  }
}

type Cluster = Awaited<ReturnType<typeof cluster>>
type Verify = (jwt: string) => Promise<unknown>

/** A client that keeps a JWK Set exactly as long as it may and never looks again for an unknown key. */
function strictClient({ issuer, runtime }: Cluster): Verify {
  let kept: { keys: ReturnType<typeof createLocalJWKSet>; until: number } | undefined
  return async (jwt) => {
    if (kept === undefined || runtime.now() >= kept.until) {
      const response = await fetch(`${issuer}/jwks`)
      const maxAge = Number(/max-age=(\d+)/.exec(response.headers.get('cache-control') ?? '')?.[1])
      kept = { keys: createLocalJWKSet((await response.json()) as JSONWebKeySet), until: runtime.now() + maxAge }
    }
    return jwtVerify(jwt, kept.keys, { issuer })
  }
}

/** jose’s own remote key set. */
function joseClient({ issuer }: Cluster): Verify {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  return (jwt) => jwtVerify(jwt, keys, { issuer })
}

/** openid-client, told to check signatures too: it fetches the token itself, and keeps a key set of its own. */
async function openidClient({ issuer, next }: Cluster): Promise<() => Promise<unknown>> {
  const secret = testSecrets.web ?? ''
  const config = await oidc.discovery(new URL(issuer), 'web', secret, oidc.ClientSecretBasic(secret), {
    execute: [oidc.allowInsecureRequests, oidc.enableNonRepudiationChecks],
  })
  return async () => {
    const { code, verifier, redirectUri } = await next().code({ scope: 'openid' })
    const callback = new URL(`${redirectUri}?${new URLSearchParams({ code, iss: issuer })}`)
    const tokens = await oidc.authorizationCodeGrant(config, callback, {
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    })
    if (tokens.claims()?.iss !== issuer) throw new Error('no ID token of this issuer')
  }
}

function guardClient({ issuer, runtime }: Cluster): Verify {
  const guard = createApiGuard({ issuer, audience: testApi, runtime, onError: () => {} })
  return async (jwt) => {
    const decision = await guard.authenticate({ authorization: `Bearer ${jwt}` })
    if (decision.outcome !== 'admitted') throw new Error(`the guard said ${decision.outcome}`)
  }
}

onSharedPlaces((place) => {
  test('issue 4: over three rotations under load no verifier refuses a token, whichever node signed it', async () => {
    const site = await cluster(place)
    const idTokenVerifiers = [strictClient(site), joseClient(site)]
    const accessTokenVerifiers = [...idTokenVerifiers, guardClient(site)]
    const signInByOpenidClient = await openidClient(site)
    const live: { jwt: string; verifiers: readonly Verify[]; until: number }[] = []
    const signers = new Set<string>()
    const failures: string[] = []
    for (let step = 0; step < 600 && signers.size < 8; step++) {
      const { access_token, id_token } = await site.next().signIn({ scope: 'openid', resource: testApi })
      const until = site.runtime.now() + 300
      live.push({ jwt: access_token, verifiers: accessTokenVerifiers, until })
      live.push({ jwt: String(id_token), verifiers: idTokenVerifiers, until })
      for (const jwt of [access_token, String(id_token)]) signers.add(String(decodeProtectedHeader(jwt).kid))
      await signInByOpenidClient().catch((error) => failures.push(`step ${step}, openid-client: ${error}`))
      while (live[0] !== undefined && live[0].until <= site.runtime.now()) live.shift()
      for (const { jwt, verifiers } of live) {
        for (const [index, verify] of verifiers.entries()) {
          await verify(jwt).catch((error) => failures.push(`step ${step}, verifier ${index}: ${error}`))
        }
      }
      await site.advance(97)
    }
    expect(failures).toEqual([])
    // Four keys each of ES256 and RS256 have signed: three rotations of both.
    expect(signers.size).toBe(8)
    const announced = site.nodes.flatMap(({ events }) => events.filter(({ type }) => type === 'key.announced'))
    expect(new Set(announced.map(({ detail }) => detail)).size).toBe(announced.length)
  }, 60_000)

  test('issue 4: a compromised key is gone from every node, and nothing it signed is believed', async () => {
    const site = await cluster(place)
    const [here, there] = site.nodes as [TestProvider, TestProvider]
    const { access_token } = await here.signIn({ scope: 'openid', resource: testApi })
    const kid = String(decodeProtectedHeader(access_token).kid)
    const kidsOf = async (node: TestProvider) =>
      ((await (await node.request('/jwks')).json()) as JSONWebKeySet).keys.map((key) => key.kid)
    expect(await there.provider.keys.compromise(kid)).toBe(true)
    expect(await kidsOf(there)).not.toContain(kid)
    await site.advance(20)
    await vi.waitFor(async () => expect(await kidsOf(here)).not.toContain(kid))
    for (const node of site.nodes) {
      expect(await (await node.post('/introspect', 'web', { token: access_token })).json()).toEqual({ active: false })
      const again = await node.signIn({ scope: 'openid', resource: testApi })
      expect(await kidsOf(node)).toContain(decodeProtectedHeader(again.access_token).kid)
      await guardClient(site)(again.access_token)
    }
    const { entries } = await here.store.revocations.snapshot({ now: site.runtime.now(), after: 0, limit: 10 })
    expect(entries).toContainEqual(expect.objectContaining({ kind: 'key', id: kid }))
    expect(await here.provider.keys.compromise(kid)).toBe(false)
  })
})
