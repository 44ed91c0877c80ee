import { OAuthError } from '@latchkey/protocol'
import { testRuntime } from '@latchkey/testing'
import { expect, test } from 'vitest'
import { createHealth } from './health.ts'

const get = (path: string, method = 'GET') => new Request(`http://127.0.0.1:8000${path}`, { method })

async function ask(health: ReturnType<typeof createHealth>, path: string) {
  const response = await health.answer(get(path))
  return [response?.status, await response?.json()]
}

test('a server is live and ready while its store answers, and no cache keeps what it said', async () => {
  const health = createHealth({ parts: { store: async () => [] }, runtime: testRuntime() })
  expect(await ask(health, '/health/live')).toEqual([200, { status: 'live' }])
  expect(await ask(health, '/health/ready')).toEqual([200, { status: 'ready', checks: { store: 'ok' } }])
  const head = await health.answer(get('/health/ready', 'HEAD'))
  expect([head?.status, head?.headers.get('cache-control')]).toEqual([200, 'no-store'])
})

test('every other path is another’s, also with the words elsewhere in its address', () => {
  const health = createHealth({ parts: {}, runtime: testRuntime() })
  for (const path of ['/', '/token', '/health', '/health/ready/x', '/tenant/health/ready', '/x?y=/health/ready'])
    expect(health.answer(get(path))).toBeNull()
})

test('only reading is allowed', async () => {
  const health = createHealth({ parts: {}, runtime: testRuntime() })
  const refused = await health.answer(get('/health/ready', 'POST'))
  expect([refused?.status, refused?.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test('a part that fails is named; the reason goes to the log once, not over the wire', async () => {
  const said: string[] = []
  let isBroken = true
  const store = async () => {
    if (isBroken) throw new OAuthError('temporarily_unavailable', 'try again', { detail: 'db.internal:5432 is away' })
  }
  const health = createHealth({
    parts: { store, mail: async () => {} },
    runtime: testRuntime(),
    onTrouble: (part, reason) => said.push(`${part}: ${reason}`),
  })
  const failed = [503, { status: 'not ready', checks: { store: 'failed', mail: 'ok' } }]
  expect(await ask(health, '/health/ready')).toEqual(failed)
  expect(await ask(health, '/health/ready')).toEqual(failed)
  expect(await ask(health, '/health/live')).toEqual([200, { status: 'live' }])
  expect(said).toEqual(['store: db.internal:5432 is away'])
  isBroken = false
  expect((await ask(health, '/health/ready'))[0]).toBe(200)
  isBroken = true
  await ask(health, '/health/ready')
  expect(said).toHaveLength(2)
})

test('a store that hangs is too slow after two seconds; probes meanwhile share one question', async () => {
  const runtime = testRuntime()
  let asked = 0
  const store = () => {
    asked++
    return new Promise(() => {})
  }
  const health = createHealth({ parts: { store }, runtime })
  const answers = [ask(health, '/health/ready'), ask(health, '/health/ready')]
  runtime.clock.advance(2)
  const slow = [503, { status: 'not ready', checks: { store: 'too slow' } }]
  expect(await Promise.all(answers)).toEqual([slow, slow])
  expect(asked).toBe(1)
})

test('a server that drains is alive and not ready', async () => {
  const health = createHealth({ parts: { store: async () => [] }, runtime: testRuntime() })
  health.drain()
  expect(await ask(health, '/health/ready')).toEqual([503, { status: 'draining' }])
  expect(await ask(health, '/health/live')).toEqual([200, { status: 'live' }])
})
