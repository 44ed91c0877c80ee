import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SessionStore } from '../session-store.ts'
import { now, sessionRecord } from './records.ts'

type Step = (store: SessionStore, hash: string, fence: number) => Promise<unknown>

const lease = (at: number) => ({ now: at, leaseSeconds: 10 })
/** Everything that is done to a session while somebody ends it. */
const steps: readonly Step[] = [
  (store, hash) => store.touch(hash, { now, idleExpiresAt: now + 9000 }),
  (store, hash) => store.claimRefresh(hash, 1, lease(now)),
  (store, hash, instead) => store.claimRefresh(hash, 1, { ...lease(now), instead }),
  (store, hash, fence) => store.announceRequest(hash, fence, { ...lease(now), answerBy: now + 40 }),
  (store, hash, fence) => store.renewLease(hash, fence, lease(now)),
  (store, hash, fence) => store.commitTokens(hash, { sealedTokens: 'late', version: 1, fence, now }),
  (store, hash, fence) => store.releaseRefresh(hash, fence),
  (store, hash) => store.create(sessionRecord({ hash }), null).catch(() => 'refused'),
]
const endings: readonly ((store: SessionStore, record: ReturnType<typeof sessionRecord>) => Promise<unknown>)[] = [
  (store, { hash }) => store.revoke({ hash }, now, 'signed_out'),
  (store, { sub }) => store.revoke({ sub }, now),
  (store, { sid, clientId }) => store.revoke({ sid: sid ?? '', clientId }, now, 'backchannel'),
  (store, { clientId }) => store.revoke({ clientId }, now),
  (store, { hash }) => store.create(sessionRecord(), hash),
]

export function resurrectionContract(open: () => Promise<SessionStore>): void {
  describe('no resurrection', () => {
    test('features 48: whatever runs before, beside and after the end of a session, it stays ended and holds no tokens', async () => {
      const store = await open()
      const step = fc.record({ step: fc.nat(steps.length - 1), fence: fc.integer({ min: 0, max: 4 }) })
      const plan = fc.record({
        before: fc.array(step, { maxLength: 5 }),
        beside: fc.array(step, { maxLength: 6 }),
        after: fc.array(step, { maxLength: 6 }),
        place: fc.nat(6),
        ending: fc.nat(endings.length - 1),
      })
      await fc.assert(
        fc.asyncProperty(plan, (given) => endsForGood(store, given)),
        { numRuns: 40 },
      )
    })
  })
}

interface Plan {
  readonly before: readonly Chosen[]
  readonly beside: readonly Chosen[]
  readonly after: readonly Chosen[]
  readonly place: number
  readonly ending: number
}

interface Chosen {
  readonly step: number
  readonly fence: number
}

async function endsForGood(store: SessionStore, { before, beside, after, place, ending }: Plan): Promise<void> {
  const record = sessionRecord({ clientId: `client-${sessionRecord().hash}` })
  const { hash } = record
  await store.create(record, null)
  const take = ({ step, fence }: Chosen) => steps[step]?.(store, hash, fence)
  for (const chosen of before) await take(chosen)
  const together = beside.map((chosen) => () => take(chosen))
  together.splice(place, 0, () => endings[ending]?.(store, record))
  await Promise.all(together.map((begin) => begin()))
  for (const chosen of after) await take(chosen)
  expect(await store.load(hash, now)).toBeNull()
  expect(await store.list({ hash }, { limit: 9, now })).toEqual([])
  expect(await store.claimRefresh(hash, 1, lease(now + 60))).toEqual({ outcome: 'gone' })
  expect(await store.whyEnded(hash)).not.toBeNull()
}
