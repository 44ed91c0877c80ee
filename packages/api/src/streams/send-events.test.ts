import { EventEmitter, once } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createApiGuard } from '../api-guard.ts'
import { audience, type TestIssuer, testIssuer } from '../test-issuer.ts'
import type { OutgoingEvent } from './event-stream.ts'
import { sendEventsTo } from './send-events.ts'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await testIssuer()
})
afterEach(() => issuer.close())

/** A response whose reader is slow: each write fills it, and it drains a moment later. */
class SlowResponse extends EventEmitter {
  statusCode = 0
  headersSent = false
  destroyed = false
  written = 0
  drains = true
  setHeader(): void {}
  flushHeaders(): void {}
  end(): void {
    this.emit('ended')
  }
  destroy(): void {}
  write(): boolean {
    this.written++
    if (this.drains) setImmediate(() => this.emit('drain'))
    return false
  }
}

async function admitted() {
  const guard = createApiGuard({ issuer: issuer.issuer, audience, runtime: issuer.runtime })
  const decision = await guard.authenticate({ authorization: `Bearer ${await issuer.token()}` })
  if (decision.outcome !== 'admitted') throw new Error('it should pass')
  return decision.auth
}

async function* numbers(count: number): AsyncGenerator<OutgoingEvent> {
  for (let index = 0; index < count; index++) yield { data: String(index) }
}

test('a reader that is slow a hundred times leaves no hundred listeners behind', async () => {
  const added = vi.spyOn(EventTarget.prototype, 'addEventListener')
  const removed = vi.spyOn(EventTarget.prototype, 'removeEventListener')
  const response = new SlowResponse()
  await sendEventsTo(response, await admitted(), () => numbers(100))
  const left = added.mock.calls.length - removed.mock.calls.length
  vi.restoreAllMocks()
  expect(response.written).toBe(100)
  expect([response.listenerCount('drain'), response.listenerCount('close')]).toEqual([0, 1])
  expect(left).toBeLessThan(20)
})

test('a reader that goes while it is waited for ends the stream', async () => {
  const response = new SlowResponse()
  response.drains = false
  const ended = once(response, 'ended')
  const sending = sendEventsTo(response, await admitted(), () => numbers(100))
  await expect.poll(() => response.written).toBe(1)
  response.emit('close')
  await Promise.all([ended, sending])
  expect(response.written).toBe(1)
})
