import { deflateSync } from 'node:zlib'
import { StatusList } from '@sd-jwt/jwt-status-list'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ApiGuard, type ApiGuardOptions, createApiGuard } from '../api-guard.ts'
import type { GuardEvent } from '../guard-event.ts'
import { audience, newKey, type SigningKey, type TestIssuer, testIssuer } from '../test-issuer.ts'

let issuer: TestIssuer
let events: GuardEvent[]
let errors: unknown[]
beforeEach(async () => {
  issuer = await testIssuer()
  events = []
  errors = []
})
afterEach(() => issuer.close())

const path = '/status/1'
const uri = () => issuer.issuer + path

interface ListChanges {
  readonly claims?: Record<string, unknown>
  readonly header?: Record<string, unknown>
  readonly key?: SigningKey
}

/** A list as another implementation makes it, signed by jose. */
function list(statuses: number[], bits: 1 | 2 | 4 | 8 = 1, { claims, header, key = issuer.key }: ListChanges = {}) {
  const now = issuer.runtime.now()
  const status_list = { bits, lst: new StatusList(statuses, bits).compressStatusList() }
  return new SignJWT({ sub: uri(), iat: now, exp: now + 300, ttl: 60, status_list, ...claims })
    .setProtectedHeader({ typ: 'statuslist+jwt', alg: key.alg, kid: key.publicJwk.kid ?? '', ...header })
    .sign(key.privateKey)
}

function newGuard(options: Partial<ApiGuardOptions> = {}): ApiGuard {
  return createApiGuard({
    issuer: issuer.issuer,
    audience,
    runtime: issuer.runtime,
    statusLists: true,
    onEvent: (event) => events.push(event),
    onError: (error) => errors.push(error),
    ...options,
  })
}

const listed = (idx: unknown, at: unknown = uri()) => issuer.token({ status: { status_list: { idx, uri: at } } })

async function answer(guard: ApiGuard, token: string) {
  const decision = await guard.authenticate({ authorization: `Bearer ${token}` })
  if (decision.outcome !== 'refused') return { status: 200 }
  const { detail } = JSON.parse(decision.refusal.body) as { detail: string }
  return { status: decision.refusal.status, detail }
}

const fetches = () => issuer.requests.filter((one) => one === path).length
const revoked = { status: 401, detail: 'the access token was revoked' }

describe('lists of another implementation', () => {
  test.each([1, 2, 4, 8] as const)('Token Status List §4.1: %i bits a status, each judged by its own', async (bits) => {
    const largest = 2 ** bits - 1
    const statuses = Array.from({ length: 256 }, (_, index) => (index * 7) % (largest + 1))
    issuer.statusLists[path] = await list(statuses, bits)
    const guard = newGuard()
    for (const idx of [0, 1, 2, 3, 7, 8, 9, 100, 255]) {
      const status = statuses[idx] ?? 0
      const said = ['', 'the access token was revoked', 'the access token is suspended'][status]
      const detail = said ?? 'the access token has no status'
      expect(await answer(guard, await listed(idx))).toEqual(status === 0 ? { status: 200 } : { status: 401, detail })
    }
    expect(fetches()).toBe(1)
  })

  test.each<[number, string, number[]]>([
    [1, 'eNrbuRgAAhcBXQ', [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]],
    [2, 'eNo76fITAAPfAgc', [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]],
  ])('Token Status List §4.1: the example of %i bits reads as the specification says', async (bits, lst, statuses) => {
    issuer.statusLists[path] = await list([], 1, { claims: { status_list: { bits, lst } } })
    const guard = newGuard()
    const said = [undefined, 'the access token was revoked', 'the access token is suspended']
    for (const [idx, status] of statuses.entries()) {
      const { detail } = (await answer(guard, await listed(idx))) as { detail?: string }
      expect(detail).toBe(status === 3 ? 'the access token has no status' : said[status])
    }
  })

  test('Token Status List §8.3: an index past the end is refused, never taken for valid', async () => {
    issuer.statusLists[path] = await list([0, 0, 0, 0, 0, 0, 0, 0])
    expect(await answer(newGuard(), await listed(8))).toMatchObject({
      status: 401,
      detail: 'the access token has no status',
    })
  })
})

describe('how long a list serves', () => {
  test('Token Status List §8.3: its ttl, then it is fetched anew, once for many requests', async () => {
    issuer.statusLists[path] = await list([0, 0])
    const guard = newGuard()
    const token = await listed(1)
    expect(await answer(guard, token)).toEqual({ status: 200 })
    issuer.runtime.advance(59)
    issuer.statusLists[path] = await list([0, 1])
    expect(await answer(guard, token)).toEqual({ status: 200 })
    issuer.runtime.advance(1)
    const answers = await Promise.all(Array.from({ length: 20 }, () => answer(guard, token)))
    expect(answers).toEqual(Array.from({ length: 20 }, () => revoked))
    expect(fetches()).toBe(2)
  })

  test('features 36: while it cannot be had it serves until it expires, then the answer is 503 and never 200', async () => {
    issuer.statusLists[path] = await list([0, 1])
    const guard = newGuard()
    const [good, bad] = [await listed(0), await listed(1)]
    expect(await answer(guard, good)).toEqual({ status: 200 })
    issuer.down = true
    issuer.runtime.advance(299)
    expect([await answer(guard, good), await answer(guard, bad)]).toEqual([{ status: 200 }, revoked])
    issuer.runtime.advance(1)
    expect((await answer(guard, good)).status).toBe(503)
    expect(events).toContainEqual({ type: 'status-list', fetched: false })
  })

  test('an older copy from somewhere behind takes nothing back', async () => {
    const old = await list([0, 0])
    issuer.runtime.advance(10)
    issuer.statusLists[path] = await list([0, 1])
    const guard = newGuard()
    const token = await listed(1)
    expect(await answer(guard, token)).toEqual(revoked)
    issuer.statusLists[path] = old
    issuer.runtime.advance(60)
    expect(await answer(guard, token)).toEqual(revoked)
    expect(fetches()).toBe(2)
  })

  test('an address that fails is left alone for a while', async () => {
    const guard = newGuard()
    const token = await listed(0)
    for (let round = 0; round < 20; round++) expect((await answer(guard, token)).status).toBe(503)
    expect(fetches()).toBe(1)
    issuer.statusLists[path] = await list([0])
    issuer.runtime.advance(1)
    expect(await answer(guard, token)).toEqual({ status: 200 })
  })

  test('a stream that was opened with a token ends when its list takes it back', async () => {
    issuer.statusLists[path] = await list([0])
    const ticks: (() => void)[] = []
    const schedule = (_: number, task: () => void) => {
      ticks.push(task)
      return () => {}
    }
    const runtime = { ...issuer.runtime, schedule }
    const guard = newGuard({ runtime })
    const decision = await guard.authenticate({ authorization: `Bearer ${await listed(0)}` })
    if (decision.outcome !== 'admitted') throw new Error('it should pass')
    const { signal } = guard.watch(decision.auth)
    issuer.runtime.advance(60)
    issuer.statusLists[path] = await list([1])
    for (const tick of ticks.splice(0)) tick()
    await expect.poll(() => signal.reason).toBe('revoked')
  })
})

describe('hostile lists', () => {
  test.each<[string, () => Promise<string>]>([
    ['signed by another key', async () => list([0], 1, { key: await newKey('ES256', 'first') })],
    ['about another address', () => list([0], 1, { claims: { sub: `${uri()}0` } })],
    ['of another issuer', () => list([0], 1, { claims: { iss: 'https://evil.test' } })],
    ['expired', () => list([0], 1, { claims: { exp: issuer.runtime.now() } })],
    ['from the future', () => list([0], 1, { claims: { iat: issuer.runtime.now() + 60 } })],
    ['without iat', () => list([0], 1, { claims: { iat: undefined } })],
    ['with a ttl of nothing', () => list([0], 1, { claims: { ttl: 0 } })],
    ['of 3 bits', () => list([0], 1, { claims: { status_list: { bits: 3, lst: 'eNpjAAAAAQAB' } } })],
    ['that is not compressed', () => list([0], 1, { claims: { status_list: { bits: 1, lst: 'AAAA' } } })],
    ['that is no base64url', () => list([0], 1, { claims: { status_list: { bits: 1, lst: 'eN+/' } } })],
    ['without a list', () => list([0], 1, { claims: { status_list: undefined } })],
    ['that is an access token', () => issuer.token({ sub: uri(), status_list: { bits: 1, lst: 'eNpjAAAAAQAB' } })],
    ['that is no JWT', async () => 'nothing'],
    [
      'features 43: signed with the public key as a secret',
      () =>
        list([0], 1, {
          header: { alg: 'HS256' },
          key: { ...issuer.key, privateKey: new Uint8Array(32), alg: 'HS256' },
        }),
    ],
  ])('Token Status List §8.3: one %s is not believed: 503, never 200', async (_title, make) => {
    issuer.statusLists[path] = await make()
    expect((await answer(newGuard(), await listed(0))).status).toBe(503)
    expect(String(errors[0])).toContain(path)
  })

  test('another media type is not read', async () => {
    issuer.statusLists[path] = { body: await list([0]), type: 'application/jwt' }
    expect((await answer(newGuard(), await listed(0))).status).toBe(503)
  })

  test('a list that unpacks to gigabytes is given up at the limit', async () => {
    const lst = deflateSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64url')
    issuer.statusLists[path] = await list([0], 1, { claims: { status_list: { bits: 1, lst } } })
    expect((await answer(newGuard(), await listed(0))).status).toBe(503)
    expect(String(errors[0])).toContain('cannot be unpacked')
  })

  test.each([
    ['http://127.0.0.1:1/status', 'the status of the access token cannot be looked up here'],
    ['http://169.254.169.254/latest/meta-data', 'the status of the access token cannot be looked up here'],
    ['file:///etc/passwd', 'the status of the access token cannot be looked up here'],
    ['data:application/statuslist+jwt,x', 'the status of the access token cannot be looked up here'],
    ['/status/1', 'the access token has a malformed claim'],
  ])('a list at %s is never fetched', async (at, detail) => {
    const guard = newGuard()
    expect(await answer(guard, await listed(0, at))).toEqual({ status: 401, detail })
    expect(await answer(guard, await listed(0, `${issuer.issuer.replace('//', '//evil@')}.evil.test/`))).toMatchObject({
      status: 401,
    })
    expect(fetches()).toBe(0)
  })

  test.each([-1, 1.5, '0', null, 2 ** 53])('an index of %j is refused', async (idx) => {
    issuer.statusLists[path] = await list([0])
    expect((await answer(newGuard(), await listed(idx))).status).toBe(401)
    expect(fetches()).toBe(0)
  })

  test('a redirect is not followed', async () => {
    const other = await testIssuer()
    other.statusLists[path] = await list([0])
    const fetchOnce = issuer.runtime.fetch
    const runtime = {
      ...issuer.runtime,
      fetch: ((input, init) => {
        const url = String(input)
        return url === uri() ? fetchOnce(`${issuer.issuer}/redirect`, init) : fetchOnce(input, init)
      }) as typeof fetchOnce,
    }
    issuer.redirects['/redirect'] = other.issuer + path
    expect((await answer(newGuard({ runtime }), await listed(0))).status).toBe(503)
    expect(other.requests).toEqual([])
    await other.close()
  })
})

describe('which tokens are judged', () => {
  test('one without a list passes, unless the configuration wants one', async () => {
    const token = await issuer.token()
    expect(await answer(newGuard(), token)).toEqual({ status: 200 })
    const strict = newGuard({ statusLists: { required: true } })
    expect(await answer(strict, token)).toEqual({ status: 401, detail: 'the access token names no status list' })
    expect(await answer(strict, await issuer.token({ status: { other: {} } }))).toMatchObject({ status: 401 })
  })

  test('a list at another origin is read once the configuration names that', async () => {
    const elsewhere = await testIssuer()
    const at = elsewhere.issuer + path
    elsewhere.statusLists[path] = await list([1], 1, { claims: { sub: at } })
    const guard = newGuard({ statusLists: { origins: [elsewhere.issuer] } })
    expect(await answer(guard, await listed(0, at))).toEqual(revoked)
    await elsewhere.close()
  })

  test('where lists are not switched on nothing is fetched', async () => {
    expect(await answer(newGuard({ statusLists: false }), await listed(0))).toEqual({ status: 200 })
    expect(fetches()).toBe(0)
  })

  test('wrong options are said at start', () => {
    const statusLists = { origins: ['http://status.example.com', 'https://a.example/path'], heldLists: 0 }
    expect(() => newGuard({ statusLists })).toThrow(/heldLists(.|\n)*status\.example\.com(.|\n)*a\.example\/path/)
  })
})
