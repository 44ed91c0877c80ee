import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { createSqliteSessionStore, openSqlite } from '@latchkey/store-sql'
import { type TestBff, testBff } from '../test-bff.ts'
import { testOpaqueApi } from '../test-clients.ts'
import { type BffChild, startBffChild } from './bff-child.ts'
import type { Answered, RenewalStep } from './orders.ts'

export interface RenewalDriveOptions {
  readonly users: number
  readonly processes: number
  /** Calls of one user at once, spread over the processes and two audiences. */
  readonly callsEach: number
  /** A renewal takes up to this long: half before the provider rotates, half after. */
  readonly latencySeconds: number
  readonly leaseSeconds: number
  /** The provider's; 0 makes every second use of a refresh token the end of the session. */
  readonly graceSeconds: number
}

/** What one wave of calls brought. */
export interface Wave {
  /** Answers by status. */
  readonly statuses: Readonly<Record<number, number>>
  /** What the answers that were problems said, and how often. */
  readonly problems: Readonly<Record<string, number>>
  readonly tokenRequests: number
  readonly invalidGrants: number
  readonly wrongAudience: number
  readonly seconds: number
}

export interface RenewalDrive {
  /** Expires every access token and sends everyone's calls at once. */
  expire(): Promise<Wave>
  /** The same while the provider answers nothing, for `seconds`; then one wave of calls. */
  outage(seconds: number): Promise<readonly [during: Wave, after: Wave]>
  /** Kills the process that renews one user's tokens at this step; then the others serve that user. */
  killAt(step: RenewalStep): Promise<Wave>
  close(): Promise<void>
}

interface Seen {
  tokenRequests: number
  invalidGrants: number
  wrongAudience: number
}

/** Several BFF processes on one SQLite file, a provider that may be slow, strict or away, and an API that looks at audiences. */
export async function renewalDrive(options: RenewalDriveOptions): Promise<RenewalDrive> {
  const folder = mkdtempSync(join(tmpdir(), 'renewal-drive-'))
  const file = join(folder, 'sessions.db')
  const store = createSqliteSessionStore(openSqlite(file))
  const seen: Seen = { tokenRequests: 0, invalidGrants: 0, wrongAudience: 0 }
  const weather = { latency: 0, down: false }
  const house = await startHouse({ options, store, seen, weather })
  const { sessionKey, store: _, ...shared } = house.configured
  const start = { options: shared, file, sessionKey: Buffer.from(sessionKey as Uint8Array).toString('base64url') }
  const children = await Promise.all(Array.from({ length: options.processes }, () => startBffChild(start)))
  const cookies: string[] = []
  for (let user = 0; user < options.users; user++) {
    const browser = await house.signIn({ username: `user-${user}` })
    cookies.push([...browser.cookies].map((pair) => pair.join('=')).join('; '))
  }
  const measured = async (work: () => Promise<readonly Answered[]>): Promise<Wave> => {
    Object.assign(seen, { tokenRequests: 0, invalidGrants: 0, wrongAudience: 0 })
    const began = systemRuntime.now()
    const statuses: Record<number, number> = {}
    const problems: Record<string, number> = {}
    for (const [status, problem] of await work()) {
      statuses[status] = (statuses[status] ?? 0) + 1
      if (problem !== undefined) problems[problem] = (problems[problem] ?? 0) + 1
    }
    return { ...seen, statuses, problems, seconds: systemRuntime.now() - began }
  }
  // The processes' clocks went on by themselves meanwhile: a minute more than a token's life leaves none valid.
  const advance = () => house.runtime.clock.advance(accessTokenSeconds + 60)
  const wave = (among: readonly string[], by: readonly BffChild[] = children, each = options.callsEach) =>
    calls({ cookies: among, children: by, each, clock: clockOf(house) })
  return {
    async expire() {
      advance()
      weather.latency = options.latencySeconds
      return measured(() => wave(cookies))
    },
    async outage(seconds) {
      advance()
      Object.assign(weather, { down: true, latency: 0 })
      const until = systemRuntime.now() + seconds
      const during = await measured(async () => {
        const answers: Answered[] = []
        do {
          answers.push(...(await wave(cookies, children, 2)))
          await new Promise<void>((resolve) => systemRuntime.schedule(0.5, resolve))
        } while (systemRuntime.now() < until)
        return answers
      })
      weather.down = false
      house.runtime.clock.advance(31)
      return [during, await measured(() => wave(cookies))]
    },
    async killAt(step) {
      advance()
      weather.latency = 1
      const [cookie = ''] = cookies
      const [victim, ...others] = children
      if (victim === undefined) throw new Error('no process is left')
      const dies = victim.ask({ ...clockOf(house), dieAt: step, calls: [{ path: '/api/x', cookie }] })
      if ((await dies) !== null && step !== 'after-commit') throw new Error(`the process outlived ${step}`)
      await victim.kill()
      children[0] = await startBffChild(start)
      return measured(() => wave([cookie], others, 10))
    },
    async close() {
      await Promise.all(children.map((child) => child.kill()))
      await house.close()
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const accessTokenSeconds = 300

function startHouse(given: {
  options: RenewalDriveOptions
  store: TestBff['store']
  seen: Seen
  weather: { readonly latency: number; readonly down: boolean }
}): Promise<TestBff> {
  const { options, store, seen, weather } = given
  const half = () =>
    new Promise<void>((resolve) => systemRuntime.schedule((weather.latency / 2) * randomShare(), resolve))
  return testBff({
    people: Array.from({ length: options.users }, (_, index) => ({
      sub: `user-${index}`,
      username: `user-${index}`,
      admin: false,
      claims: {},
    })),
    lifetimes: { access_token: accessTokenSeconds, refresh_token_grace: options.graceSeconds },
    async providerDoor(request, next) {
      if (weather.down) return new Response('away', { status: 503 })
      if (!request.url.endsWith('/token')) return next()
      await half()
      const answer = await next()
      seen.tokenRequests++
      if (answer.status === 400) seen.invalidGrants++
      await half()
      return answer
    },
    api(request) {
      const isJwt = request.headers.get('authorization')?.startsWith('Bearer ey') === true
      if (isJwt !== new URL(request.url).pathname.startsWith('/api')) seen.wrongAudience++
      return new Response('ok')
    },
    routes: (api) => [{ match: '/notes', target: `${api}/notes`, token: 'user', resource: testOpaqueApi }],
    bff: {
      store,
      scope: 'openid offline_access read:messages read:notes',
      lifetimes: { leaseSeconds: options.leaseSeconds },
    },
  })
}

function randomShare(): number {
  return (systemRuntime.randomBytes(1)[0] ?? 0) / 255
}

/** One instant for all processes, however late an order arrives. */
function clockOf(house: TestBff): { readonly now: number; readonly sentAt: number } {
  return { now: house.runtime.now(), sentAt: systemRuntime.now() }
}

/** Everybody's calls at once: every process gets its share of each user's, half of them for each audience. */
async function calls(given: {
  cookies: readonly string[]
  children: readonly BffChild[]
  each: number
  clock: ReturnType<typeof clockOf>
}): Promise<readonly Answered[]> {
  const { cookies, children, each, clock } = given
  const shares = children.map((child, nth) => {
    const mine = cookies.flatMap((cookie) =>
      Array.from({ length: each }, (_, call) => ({ call, cookie })).filter(
        ({ call }) => call % children.length === nth,
      ),
    )
    const asked = mine.map(({ call, cookie }) => ({
      cookie,
      path: Math.floor(call / children.length) % 2 === 0 ? '/api/x' : '/notes',
    }))
    return child.ask({ ...clock, calls: asked })
  })
  return (await Promise.all(shares)).flatMap((answers): readonly Answered[] => answers ?? [[0]])
}
