import { createNoopMeter, type Meter, type Tracer, trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { createApiGuard } from './api-guard.ts'
import { openTelemetry } from './opentelemetry.ts'
import { audience, testIssuer } from './test-issuer.ts'

/** What an SDK would be told. */
function recorder() {
  const told: unknown[][] = []
  const instrument = (name: string) => ({
    add: (...given: unknown[]) => void told.push([name, ...given]),
    record: (...given: unknown[]) => void told.push([name, ...given]),
  })
  const meter = {
    ...createNoopMeter(),
    createCounter: instrument,
    createHistogram: instrument,
    createGauge: instrument,
  }
  const span = {
    setAttribute: (...given: unknown[]) => void told.push(['attribute', ...given]),
    setStatus: (...given: unknown[]) => void told.push(['status', ...given]),
    end: () => void told.push(['end']),
  }
  const noop = trace.getTracer('noop')
  const startActiveSpan = (_name: string, work: (given: typeof span) => unknown) => work(span)
  const tracer = Object.assign(Object.create(noop) as Tracer, { startActiveSpan })
  return { told, meter: meter as unknown as Meter, tracer }
}

test('features 30: decisions are counted and traced, and nothing of a token or a person is in any of it', async () => {
  const issuer = await testIssuer()
  const { told, meter, tracer } = recorder()
  const { onEvent, traced } = openTelemetry({ meter, tracer })
  const guard = traced(createApiGuard({ issuer: issuer.issuer, audience, runtime: issuer.runtime, onEvent }))
  const token = await issuer.token()
  const bad = await issuer.token({ aud: 'elsewhere' })
  for (const credential of [token, token, bad]) await guard.authenticate({ authorization: `Bearer ${credential}` })
  await guard.authenticate({ authorization: undefined })
  expect(told).toContainEqual(['latchkey.guard.verified', 1, { known: false }])
  expect(told).toContainEqual(['latchkey.guard.verified', 1, { known: true }])
  expect(told).toContainEqual(['latchkey.guard.refused', 1, { status: 401, error: 'invalid_token' }])
  expect(told).toContainEqual(['latchkey.guard.refused', 1, { status: 401, error: 'no_credential' }])
  expect(told.filter(([name]) => name === 'end')).toHaveLength(4)
  const everything = JSON.stringify(told)
  for (const secret of [...token.split('.'), ...bad.split('.'), 'alice', audience])
    expect(everything).not.toContain(secret)
  await issuer.close()
})
