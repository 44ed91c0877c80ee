import {
  askWithProof,
  expectOAuthError,
  publicForm,
  recordedStore,
  testKey,
  testPeople,
  testProvider,
  testRuntime,
} from '@latchkey/testing'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../store/memory-store.ts'
import { storeRecords } from '../store/store-contract.ts'
import { createIssuedHere } from './issued-here.ts'

describe('what a process issued itself', () => {
  test('is handed out once', () => {
    const { refreshTokens } = createIssuedHere()
    const record = storeRecords.refreshTokenRecord(storeRecords.grounds())
    refreshTokens.note(record)
    expect(refreshTokens.take(record.hash)).toBe(record)
    expect(refreshTokens.take(record.hash)).toBeUndefined()
  })
  test('is bounded: the oldest make room', () => {
    const { refreshTokens } = createIssuedHere(3)
    const records = Array.from({ length: 5 }, () => storeRecords.refreshTokenRecord(storeRecords.grounds()))
    for (const record of records) refreshTokens.note(record)
    expect(records.map(({ hash }) => refreshTokens.take(hash) !== undefined)).toEqual([false, false, true, true, true])
  })
})

const grace = 30

/** What was asked of the store, in order; the audit trail is written beside. */
function verbsOf(seen: readonly string[]): readonly string[] {
  return seen.map((line) => line.slice(0, line.indexOf(' '))).filter((verb) => verb !== 'append')
}

describe('a node that remembers what it issued', () => {
  test('asks the store for the rotation alone', async () => {
    const { store, seen } = recordedStore(createMemoryStore())
    const { signIn, refresh } = await testProvider({ store })
    const first = await signIn()
    const before = seen.length
    await refresh(first)
    expect(verbsOf(seen.slice(before))).toEqual(['rotate'])
    await refresh(first)
    expect(verbsOf(seen.slice(before)), 'who comes again').toEqual(['rotate', 'find', 'rotate'])
  })
  test('RFC 9700 §4.14.2: and is told by the store that another node rotated the token and its grace is over', async () => {
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    const nodes = [await testProvider({ store, runtime }), await testProvider({ store, runtime })] as const
    const first = await nodes[0].signIn()
    const second = await nodes[1].refresh(first)
    runtime.clock.advance(grace + 1)
    await expectOAuthError(nodes[0].refresh(first), 'invalid_grant')
    await expectOAuthError(nodes[1].refresh(second), 'invalid_grant')
    expect(nodes[0].events.map((event) => event.type)).toContain('refresh.reused')
  })
  test('and that another node gave out its successor, which it makes again', async () => {
    const [store, runtime] = [createMemoryStore(), testRuntime()]
    const nodes = [await testProvider({ store, runtime }), await testProvider({ store, runtime })] as const
    const first = await nodes[0].signIn()
    const second = await nodes[1].refresh(first)
    expect((await nodes[0].refresh(first)).refresh_token).toBe(second.refresh_token)
  })
  test('and that the family has ended, or what was left of the person is gone', async () => {
    for (const end of ['endSubject', 'deleteSubject'] as const) {
      const [store, runtime] = [createMemoryStore(), testRuntime()]
      const nodes = [await testProvider({ store, runtime }), await testProvider({ store, runtime })] as const
      const first = await nodes[0].signIn()
      await nodes[1].provider[end](testPeople[0]?.sub ?? '')
      await expectOAuthError(nodes[0].refresh(first), 'invalid_grant')
    }
  })
  test('RFC 9449 §5: and asks the store of a token that is bound to a key', async () => {
    const { store, seen } = recordedStore(createMemoryStore())
    const kit = await testProvider({ store })
    const key = await testKey('ES256')
    const { body } = await askWithProof(kit, key, publicForm(await kit.code({ client: 'spa' })))
    const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token, client_id: 'spa' }
    const before = seen.length
    expect((await askWithProof(kit, key, form)).status).toBe(200)
    expect(verbsOf(seen.slice(before))).toContain('find')
  })
})
