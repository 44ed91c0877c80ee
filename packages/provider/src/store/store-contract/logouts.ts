import { describe, expect, test } from 'vitest'
import { logoutTriedForSeconds } from '../logout-deliveries.ts'
import type { SessionRecord, Store } from '../store.ts'
import { codeRecord, fresh, grounds, now, sessionRecord, signIn } from './records.ts'

/** What ends a session has its clients told, in the same step: nothing that ends a process comes between the two. */
export function logoutsContract(open: () => Promise<Store>): void {
  describe('logout tokens of sessions that end', () => {
    queueing(open)
    sparing(open)
    repeating(open)
  })
}

interface Joined {
  readonly store: Store
  readonly session: SessionRecord
}

/** A session in which two clients were noted, beside one of another person. */
async function joined(open: () => Promise<Store>): Promise<Joined> {
  const store = await open()
  const [session, other] = [sessionRecord({ sub: fresh('person') }), sessionRecord({ sub: fresh('person') })]
  for (const record of [session, other]) {
    await store.sessions.create(record, null)
    for (const clientId of ['b', 'https://client.example.com/a'])
      await store.sessions.noteClient(record.sid, clientId, record.expiresAt)
  }
  return { store, session }
}

async function queued({ logoutDeliveries }: Store, at = now): Promise<readonly string[]> {
  const due = await logoutDeliveries.claim({ now: at, leaseSeconds: 30, limit: 99 })
  return due.map(({ sid, sub, clientId, ping }) => `${sid} ${sub} ${clientId} ${ping}`).sort()
}

const tokensOf = ({ sid, sub }: SessionRecord, clientIds = ['b', 'https://client.example.com/a']): readonly string[] =>
  clientIds.map((clientId) => `${sid} ${sub} ${clientId} null`).sort()

const ends: readonly (readonly [string, (joined: Joined) => Promise<unknown>])[] = [
  ['one session', ({ store, session: { sub, sid } }) => store.sessions.endOf(sub, { only: sid }, now)],
  ['all but one', ({ store, session: { sub } }) => store.sessions.endOf(sub, { except: fresh('sid') }, now)],
  ['what is left of a session', ({ store, session }) => store.families.revokeSession(session, now)],
  ['everything of a person', ({ store, session: { sub } }) => store.families.revokeSubject(sub, now, now + 60)],
  [
    'a session that another person’s takes the place of',
    ({ store, session: { hash } }) =>
      store.sessions.create(sessionRecord({ sub: fresh('person'), authTime: now }), hash),
  ],
]

function queueing(open: () => Promise<Store>): void {
  test.each(ends)(
    'Back-Channel Logout §2.5: whoever ends %s has queued a token for each of its clients by that, and for no others',
    async (_name, end) => {
      const here = await joined(open)
      await end(here)
      expect(await queued(here.store)).toEqual(tokensOf(here.session))
      expect(await queued(here.store, now + logoutTriedForSeconds - 1)).toHaveLength(2)
      expect(await queued(here.store, now + logoutTriedForSeconds)).toEqual([])
    },
  )
  test('a client whose access is withdrawn is told of each session in which it was noted, and it alone', async () => {
    const { store, session } = await joined(open)
    const { sub, sid } = session
    const [second, past] = [sessionRecord({ sub }), sessionRecord({ sub, expiresAt: now })]
    for (const record of [second, past]) await store.sessions.create(record, null)
    for (const one of [second.sid, past.sid, 'over']) await store.sessions.noteClient(one, 'b', now + 600)
    await signIn(store, grounds({ sub, clientId: 'b', sid: 'over' }))
    await store.consents.grant(sub, 'b', { permissions: ['@'] }, now)
    await store.consents.withdraw(sub, 'b', now)
    const told = [sid, second.sid, 'over'].map((one) => `${one} ${sub} b null`)
    expect(await queued(store)).toEqual(told.sort())
  })
}

function sparing(open: () => Promise<Store>): void {
  test('what ended nothing queues nothing', async () => {
    const { store, session } = await joined(open)
    await store.sessions.endOf(fresh('person'), { only: session.sid }, now)
    await store.sessions.endOf(session.sub, { except: session.sid }, now)
    await store.consents.withdraw(session.sub, 'b', now)
    await store.families.revokeSubject(fresh('person'), now, now + 60)
    expect(await queued(store)).toEqual([])
  })
  test('who signs in anew as the same person keeps what the session gave out, and nobody is told', async () => {
    const { store, session } = await joined(open)
    const { accessToken } = await signIn(store, grounds({ sub: session.sub, sid: session.sid }))
    await store.sessions.create(sessionRecord({ sub: session.sub, sid: session.sid }), session.hash)
    expect(await store.sessions.find(session.hash, now)).toBeNull()
    expect(await store.accessTokens.find(accessToken.hash, now)).toEqual(accessToken)
    expect(await queued(store)).toEqual([])
  })
  test('who takes a browser over ends what the session of the person before gave out, and what was on its way', async () => {
    const { store, session } = await joined(open)
    const of = { sub: session.sub, sid: session.sid }
    const { accessToken } = await signIn(store, grounds(of))
    const code = codeRecord(grounds(of))
    await store.codes.create(code)
    const before = (await store.revocations.after(0, 99)).length
    await store.sessions.create(sessionRecord({ sub: fresh('person') }), session.hash)
    expect(await store.accessTokens.find(accessToken.hash, now)).toBeNull()
    expect(await store.codes.find(code.hash)).toBeNull()
    const told = (await store.revocations.after(0, 99)).slice(before).map(({ kind }) => kind)
    expect(told).toEqual(['family', 'session'])
  })
}

function repeating(open: () => Promise<Store>): void {
  test('of many who end a session at once, each of its clients is told once', async () => {
    const { store, session } = await joined(open)
    const { sub, sid } = session
    await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        index % 2 === 0 ? store.sessions.endOf(sub, { only: sid }, now) : store.families.revokeSession(session, now),
      ),
    )
    expect(await queued(store)).toEqual(tokensOf(session))
  })
  test('what waits is told once; what was on its way as it was told of again, goes out again', async () => {
    const { store, session } = await joined(open)
    const claim = (at: number) => store.logoutDeliveries.claim({ now: at, leaseSeconds: 30, limit: 9 })
    await store.families.revokeSession(session, now)
    const [failed, sent] = await claim(now)
    await store.logoutDeliveries.settle(failed?.id ?? '', now + 3600)
    await store.families.revokeSession(session, now + 1)
    await store.logoutDeliveries.settle(sent?.id ?? '', null)
    const again = await claim(now + 1)
    expect(again.map(({ id, attempts }) => [id, attempts]).sort()).toEqual(
      [failed, sent].map((delivery) => [delivery?.id, 0]).sort(),
    )
    for (const { id } of again) await store.logoutDeliveries.settle(id, null)
    expect(await claim(now + 7200)).toEqual([])
  })
}
