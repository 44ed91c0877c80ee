import { describe, expect, test } from 'vitest'
import type { AuditRecord, Store } from '../store.ts'
import { auditRecord, clientRecord, fresh, freshHandle, now, sessionRecord } from './records.ts'

/** Ids in the order of `number`. */
const idOf = (number: number): string => `${(now * 1000 + number).toString(16).padStart(11, '0')}entry`

export function auditContract(open: () => Promise<Store>): void {
  describe('the audit trail', () => {
    appending(open)
    riding(open)
    transactions(open)
    listing(open)
  })
}

function appending(open: () => Promise<Store>): void {
  test('entries come back whole, newest first', async () => {
    const store = await open()
    const early = auditRecord({ id: idOf(1), detail: 'quote " and \u0000 nul, ü 😀', familyId: 'f', grantType: 'g' })
    const late = auditRecord({ id: idOf(2), type: 'client.changed', clientId: 'web', actor: 'root', error: 'e' })
    await store.audit.append([])
    await store.audit.append([early, late])
    expect(await store.audit.list({ limit: 9 })).toEqual([late, early])
    expect(await store.audit.list({ limit: 1 })).toEqual([late])
  })
  test('a batch that is sent again, by many at once, adds nothing and changes nothing', async () => {
    const store = await open()
    const records = [auditRecord({ id: idOf(1) }), auditRecord({ id: idOf(2) })]
    await Promise.all(Array.from({ length: 8 }, () => store.audit.append(records)))
    await store.audit.append([{ ...auditRecord({ id: idOf(1) }), type: 'other' }, auditRecord({ id: idOf(3) })])
    const types = (await store.audit.list({ limit: 9 })).map(({ id, type }) => `${id} ${type}`)
    expect(types).toEqual([3, 2, 1].map((number) => `${idOf(number)} session.started`))
  })
  test('features 12: entries past their retention go with the sweep, and no others', async () => {
    const store = await open()
    await store.audit.append([auditRecord({ id: idOf(1), expiresAt: now }), auditRecord({ id: idOf(2) })])
    expect(await store.sweep(now, 9)).toBe(1)
    expect((await store.audit.list({ limit: 9 })).map(({ id }) => id)).toEqual([idOf(2)])
  })
}

/** Does an act with its entries, and what the store left to the caller. */
async function tellOf<T>(store: Store, act: () => Promise<T>, entriesOf: (result: T) => readonly AuditRecord[]) {
  const { result, isWritten } = await store.audit.along(act, entriesOf)
  if (!isWritten) await store.audit.append(entriesOf(result))
  return result
}

function riding(open: () => Promise<Store>): void {
  test('an entry says what its act came to, of one that changed something and of one that did not', async () => {
    const store = await open()
    await store.consents.grant('alice', 'web', { permissions: ['@'] }, now)
    for (const number of [1, 2]) {
      const act = () => store.consents.withdraw('alice', 'web', now)
      const entriesOf = ({ hadConsent }: { hadConsent: boolean }) => [
        auditRecord({ id: idOf(number), detail: `${hadConsent}` }),
      ]
      expect((await tellOf(store, act, entriesOf)).hadConsent).toBe(number === 1)
    }
    expect((await store.audit.list({ limit: 9 })).map(({ detail }) => detail)).toEqual(['false', 'true'])
  })
  test('an act that fails leaves no entry, and an act beside it neither gets nor loses one', async () => {
    const store = await open()
    const [record, other] = [sessionRecord(), sessionRecord()]
    for (const each of [record, other]) await store.sessions.create(each, null)
    const [failed, done, beside] = await Promise.allSettled([
      tellOf(
        store,
        () => store.sessions.create(record, null),
        () => [auditRecord({ id: idOf(1) })],
      ),
      tellOf(
        store,
        () => store.sessions.end(other.hash),
        () => [auditRecord({ id: idOf(2) })],
      ),
      store.sessions.create(sessionRecord(), null),
    ])
    expect([failed.status, done.status, beside.status]).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect((await store.audit.list({ limit: 9 })).map(({ id }) => id)).toEqual([idOf(2)])
  })
  test('many acts at once each have their own entry', async () => {
    const store = await open()
    const sub = fresh('person')
    const sids = Array.from({ length: 20 }, () => sessionRecord({ sub }))
    for (const record of sids) await store.sessions.create(record, null)
    await Promise.all(
      sids.map(({ sid }, number) =>
        tellOf(
          store,
          () => store.sessions.endOf(sub, { only: sid }, now),
          (ended) => ended.map((each) => auditRecord({ id: idOf(number), detail: each })),
        ),
      ),
    )
    expect((await store.audit.list({ limit: 99 })).map(({ detail }) => detail).reverse()).toEqual(
      sids.map(({ sid }) => sid),
    )
  })
}

type Told = (store: Store, sub: string) => Promise<unknown>

const acts: readonly (readonly [string, Told])[] = [
  ['a consent', ({ consents }, sub) => consents.grant(sub, 'web', { permissions: ['@'] }, now)],
  ['its withdrawal', ({ consents }, sub) => consents.withdraw(sub, 'web', now)],
  ['the end of sessions', ({ sessions }, sub) => sessions.endOf(sub, { except: '' }, now)],
  ['the end of a session', ({ sessions }) => sessions.end(freshHandle().hash)],
  ['a new session', ({ sessions }, sub) => sessions.create(sessionRecord({ sub }), freshHandle().hash)],
  ['the first session', ({ sessions }, sub) => sessions.create(sessionRecord({ sub }), null)],
  ['the end of what a session left', ({ families }, sub) => families.revokeSession({ sid: fresh('sid'), sub }, now)],
  ['the end of a family', ({ families }) => families.revoke(fresh('family'), now, now + 60)],
  ['the end of a person', ({ families }, sub) => families.revokeSubject(sub, now, now + 60)],
  ['a person who is forgotten', ({ families }, sub) => families.forgetSubject(sub)],
  ['a new client', ({ clients }) => clients.create(clientRecord())],
  ['a client that is changed', ({ clients }) => clients.update(clientRecord())],
  ['a client that is deleted', ({ clients }) => clients.delete(fresh('client'), now)],
  ['an opaque token taken back', ({ accessTokens }) => accessTokens.revoke(freshHandle().hash)],
  ['a JWT taken back', ({ accessTokens }) => accessTokens.revokeJwt(fresh('jti'), now + 60, now)],
]

function transactions(open: () => Promise<Store>): void {
  test('issue 4: whatever is allowed or taken back is told of in its own transaction, whether it changed something or not', async () => {
    const store = await open()
    const sub = fresh('person')
    for (const [number, [detail, act]] of acts.entries()) {
      const { isWritten } = await store.audit.along(
        () => act(store, sub),
        () => [auditRecord({ id: idOf(number), detail })],
      )
      expect(isWritten, detail).toBe(true)
    }
    const told = (await store.audit.list({ limit: 99 })).map(({ detail }) => detail).reverse()
    expect(told).toEqual(acts.map(([detail]) => detail))
  })
}

function listing(open: () => Promise<Store>): void {
  test('a page follows on the one before, whatever is added meanwhile', async () => {
    const store = await open()
    await store.audit.append(Array.from({ length: 25 }, (_, number) => auditRecord({ id: idOf(number) })))
    const seen: string[] = []
    for (let before: string | undefined; ; ) {
      const page = await store.audit.list({ limit: 10, ...(before === undefined ? {} : { before }) })
      seen.push(...page.map(({ id }) => id))
      before = page.at(-1)?.id
      if (page.length < 10) break
      await store.audit.append([auditRecord({ id: idOf(100 + seen.length) })])
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, number) => idOf(24 - number)))
  })
  test('entries are found by kind, by client, by the person it happened to or who did it, and by time', async () => {
    const store = await open()
    await store.audit.append([
      auditRecord({ id: idOf(1), sub: 'alice' }),
      auditRecord({ id: idOf(2), sub: 'bob', clientId: 'web' }),
      auditRecord({ id: idOf(3), sub: null, actor: 'alice', clientId: 'web', type: 'client.changed' }),
      auditRecord({ id: idOf(4), sub: 'alice', clientId: 'tv', type: 'token.issued' }),
    ])
    const found = async (query: object): Promise<readonly number[]> => {
      const ids = (await store.audit.list({ ...query, limit: 9 })).map(({ id }) => id)
      return ids.map((id) => [1, 2, 3, 4].find((number) => idOf(number) === id) ?? 0)
    }
    expect(await found({ type: 'session.started' })).toEqual([2, 1])
    expect(await found({ clientId: 'web' })).toEqual([3, 2])
    expect(await found({ person: 'alice' })).toEqual([4, 3, 1])
    expect(await found({ person: 'alice', clientId: 'web', type: 'client.changed' })).toEqual([3])
    expect(await found({ from: idOf(2), before: idOf(4) })).toEqual([3, 2])
    expect(await found({ person: 'alice', before: idOf(4) })).toEqual([3, 1])
    expect(await found({ type: "'; drop table audit_events; --" })).toEqual([])
    expect(await found({ person: 'mallory' })).toEqual([])
  })
}
