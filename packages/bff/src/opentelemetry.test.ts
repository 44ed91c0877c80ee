import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createNoopMeter, type Meter, type Tracer, trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bff } from './adapters/node.ts'
import { ask, begin, type NodeHouse, nodeHouse } from './node-carrier/test-node-house.ts'
import { openTelemetry } from './opentelemetry.ts'

/** What an SDK would be told. */
function recorder() {
  const told: unknown[][] = []
  const instrument = (name: string) => ({
    add: (...given: unknown[]) => void told.push([name, ...given]),
    record: (...given: unknown[]) => void told.push([name, ...given]),
  })
  const meter = { ...createNoopMeter(), createCounter: instrument, createHistogram: instrument }
  const startActiveSpan = (name: string, work: (given: object) => unknown) =>
    work({
      setAttribute: (...given: unknown[]) => void told.push([name, 'attribute', ...given]),
      setStatus: (...given: unknown[]) => void told.push([name, 'status', ...given]),
      end: () => void told.push([name, 'end']),
    })
  const tracer = Object.assign(Object.create(trace.getTracer('noop')) as Tracer, { startActiveSpan })
  return { told, meter: meter as unknown as Meter, tracer }
}

let house: NodeHouse
let headers: Record<string, string>
beforeEach(async () => {
  house = await nodeHouse({
    api: (request, response) => (request.url === '/silent' ? undefined : response.end('ok')),
    route: { answerSeconds: 10 },
  })
  headers = await house.headers()
})
afterEach(() => house.close())

describe('metrics', () => {
  test('count renewals by outcome, sessions and what was proxied, by route', async () => {
    const { told, meter } = recorder()
    await ask(`${house.door}/node/x`, { headers })
    await house.bff.getUserAccessToken({ headers }, { forceRenewal: true })
    house.onTheWay = async () => new Response(null, { status: 503 })
    await house.bff.getUserAccessToken({ headers }, { forceRenewal: true }).catch(() => undefined)
    house.onTheWay = null
    await house.bff.sessions.revoke({ sub: 'alice-1' })
    const { onEvent } = openTelemetry({ meter })
    for (const event of house.events) onEvent(event)
    expect(told).toContainEqual(['latchkey.bff.sessions.started', 1])
    expect(told).toContainEqual(['latchkey.bff.renewals', 1, { outcome: 'renewed' }])
    expect(told).toContainEqual(['latchkey.bff.renewals', 1, { outcome: 'unreachable' }])
    expect(told).toContainEqual(['latchkey.bff.sessions.ended', 1, { because: 'revoked' }])
    const proxied = { route: '/node', method: 'GET', status: 200, kind: 'request' }
    expect(told).toContainEqual(['latchkey.bff.proxy.duration', expect.any(Number), proxied])
  })
  test('tell of waiting for another process, and of taking over from one that fell silent', async () => {
    const { told, meter } = recorder()
    const [row] = await house.store.list({ sub: 'alice-1' }, { limit: 1, now: house.runtime.now() })
    if (row === undefined) throw new Error('nobody is signed in')
    const at = { now: house.runtime.now(), leaseSeconds: 10 }
    expect(await house.store.claimRefresh(row.hash, row.version, at)).toMatchObject({ outcome: 'claimed' })
    const renewed = house.bff.getUserAccessToken({ headers }, { forceRenewal: true })
    for (let second = 0; second < 12; second++) {
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
      house.runtime.clock.advance(1)
    }
    await renewed
    const { onEvent } = openTelemetry({ meter })
    for (const event of house.events) onEvent(event)
    expect(told).toContainEqual(['latchkey.bff.lease.taken_over', 1])
    const [, waited] = told.find(([name]) => name === 'latchkey.bff.renewal.wait') ?? []
    expect(waited).toBeGreaterThanOrEqual(9)
  })
})

test('spans cover answers of our own and proxied requests, however these end', async () => {
  const { told, tracer } = recorder()
  const core = openTelemetry({ tracer }).traced(house.bff)
  const server = createServer(bff(core))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const door = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const ends = (name: string) => told.filter((entry) => entry[0] === name && entry[1] === 'end').length
  await ask(`${door}/bff/user`, { headers })
  expect(ends('latchkey.bff.answer')).toBe(1)
  await ask(`${door}/node/x`, { headers })
  await ask(`${door}/node/x`)
  expect(ends('latchkey.bff.proxy')).toBe(2)
  expect(told).toContainEqual(['latchkey.bff.proxy', 'attribute', 'http.route', '/node'])
  for (const status of [200, 403]) {
    expect(told).toContainEqual(['latchkey.bff.proxy', 'attribute', 'http.response.status_code', status])
  }
  const { sent } = begin({ door }, '/node/silent', { method: 'GET', headers })
  sent.end()
  while (house.arrived.at(-1)?.url !== '/silent') await new Promise((resolve) => setImmediate(resolve))
  sent.destroy()
  while (ends('latchkey.bff.proxy') < 3) await new Promise((resolve) => setImmediate(resolve))
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('features 30: no token, cookie, session, person or address is in any of it', async () => {
  const { told, meter, tracer } = recorder()
  const { onEvent, traced } = openTelemetry({ meter, tracer })
  const core = traced(house.bff)
  const token = await core.getUserAccessToken({ headers }, { forceRenewal: true })
  await core.handle(new Request(`${house.origin}/node/secret-path?q=secret-query`, { headers }))
  await core.handle(new Request(`${house.origin}/bff/user`, { headers }))
  for (const event of house.events) onEvent(event)
  expect(told.length).toBeGreaterThan(5)
  const everything = JSON.stringify(told)
  const { cookie = '' } = headers
  const [value = ''] = cookie.split('=').slice(1)
  for (const secret of [...token.split('.'), value, value.slice(11, 30), 'alice', 'secret', '127.0.0.1']) {
    expect(everything).not.toContain(secret)
  }
})
