import { describe, expect, test } from 'vitest'
import type { Revocation, Store } from '../store.ts'
import {
  accessTokenRecord,
  clientRecord,
  fresh,
  freshHandle,
  grounds,
  issuedFor,
  longEnd,
  now,
  signIn,
} from './records.ts'

export function revocationsContract(open: () => Promise<Store>): void {
  describe('revocations', () => {
    written(open)
    notWritten(open)
    reading(open)
    listening(open)
  })
}

/** What stands in the log, without the numbers, which grow. */
async function entries(store: Store): Promise<readonly Omit<Revocation, 'sequence'>[]> {
  const all = await store.revocations.after(0, 1000)
  const sequences = all.map((entry) => entry.sequence)
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b))
  return all.map(({ sequence: _, ...entry }) => entry)
}

function written(open: () => Promise<Store>): void {
  test('features 17: the end of a family and of a JWT stand in the log from the moment they are acknowledged', async () => {
    const store = await open()
    const { grounds: of } = await signIn(store)
    await store.families.revoke(of.familyId, now + 1, now)
    await store.accessTokens.revokeJwt('jwt-1', now + 300, now + 2)
    expect(await entries(store)).toEqual([
      { kind: 'family', id: of.familyId, at: now + 1, expiresAt: longEnd },
      { kind: 'token', id: 'jwt-1', at: now + 2, expiresAt: now + 300 },
    ])
  })
  test('the end of a family that is not known stands in the log, and again when it is to last longer', async () => {
    const store = await open()
    const id = fresh('family')
    await store.families.revoke(id, now, now + 100)
    await store.families.revoke(id, now + 1, now + 300)
    await store.families.revoke(id, now + 2, now + 200)
    expect(await entries(store)).toEqual([
      { kind: 'family', id, at: now, expiresAt: now + 100 },
      { kind: 'family', id, at: now + 1, expiresAt: now + 300 },
    ])
  })
  test('the end of an OP session stands in the log with each family that it ended', async () => {
    const store = await open()
    const sid = fresh('sid')
    const one = await signIn(store, grounds({ sid }))
    const two = await signIn(store, grounds({ sid }))
    await store.families.revokeSession({ sid, sub: '' }, now + 1)
    const found = await entries(store)
    const family = (id: string) => ({ kind: 'family', id, at: now + 1, expiresAt: longEnd })
    expect(found).toHaveLength(3)
    expect(found).toContainEqual(family(one.grounds.familyId))
    expect(found).toContainEqual(family(two.grounds.familyId))
    expect(found).toContainEqual({ kind: 'session', id: sid, at: now + 1, expiresAt: longEnd })
  })
  test('RFC 6749 §4.1.2, RFC 9700 §4.14.2: a code and a refresh token used twice stand in the log as the end of their family', async () => {
    const store = await open()
    const first = await signIn(store)
    await store.codes.redeem(first.code.hash, issuedFor(first.grounds), now + 1)
    const second = await signIn(store)
    const rotate = () =>
      store.refreshTokens.rotate(
        second.refreshToken.hash,
        { issued: { ...issuedFor(second.grounds), family: null }, sealedSuccessor: 's' },
        { now: now + 2, graceSeconds: 0 },
      )
    await rotate()
    await rotate()
    expect(await entries(store)).toEqual([
      { kind: 'family', id: first.grounds.familyId, at: now + 1, expiresAt: longEnd },
      { kind: 'family', id: second.grounds.familyId, at: now + 2, expiresAt: longEnd },
    ])
  })
  test('a deleted client stands in the log until the last of its tokens has ended, a day at least', async () => {
    const store = await open()
    const [idle, busy, alone] = [clientRecord(), clientRecord(), clientRecord()]
    for (const client of [idle, busy, alone]) await store.clients.create(client)
    await signIn(store, grounds({ clientId: busy.metadata.client_id }))
    const far = now + 200_000
    await store.accessTokens.create(accessTokenRecord(grounds({ clientId: alone.metadata.client_id }), far))
    for (const client of [idle, busy, alone]) await store.clients.delete(client.metadata.client_id, now)
    expect((await entries(store)).map((entry) => [entry.kind, entry.id, entry.expiresAt])).toEqual([
      ['client', idle.metadata.client_id, now + 86_400],
      ['client', busy.metadata.client_id, longEnd],
      ['client', alone.metadata.client_id, far],
    ])
  })
}

function notWritten(open: () => Promise<Store>): void {
  test('what takes nothing back writes nothing into the log', async () => {
    const store = await open()
    const { accessToken, grounds: of } = await signIn(store)
    await store.accessTokens.revoke(accessToken.hash)
    await store.families.revokeSession({ sid: fresh('sid'), sub: '' }, now)
    await store.clients.delete(fresh('client'), now)
    await store.codes.redeem(freshHandle().hash, issuedFor(of), now)
    expect(await entries(store)).toEqual([])
  })
  test('what was taken back before does not stand in the log twice', async () => {
    const store = await open()
    const { code, grounds: of } = await signIn(store)
    for (let round = 0; round < 2; round++) {
      await store.families.revoke(of.familyId, now, longEnd)
      await store.families.revokeSession({ sid: of.sid ?? '', sub: '' }, now)
      await store.codes.redeem(code.hash, issuedFor(of), now)
      await store.accessTokens.revokeJwt('jwt-2', now + 60, now)
    }
    expect((await entries(store)).map((entry) => entry.kind)).toEqual(['family', 'token'])
  })
}

function reading(open: () => Promise<Store>): void {
  const entry = (id: string, expiresAt: number = now + 60) => ({ kind: 'key', id, at: now, expiresAt }) as const
  test('the log is read on from where one stopped, a page at a time', async () => {
    const store = await open()
    for (const id of ['a', 'b', 'c']) await store.revocations.append(entry(id))
    const [one, two] = await store.revocations.after(0, 2)
    expect([one?.id, two?.id]).toEqual(['a', 'b'])
    expect((await store.revocations.after(two?.sequence ?? 0, 2)).map(({ id }) => id)).toEqual(['c'])
    await store.revocations.append({ kind: 'subject', id: 'alice', at: now, expiresAt: longEnd })
    expect((await store.revocations.after(two?.sequence ?? 0, 9)).map(({ kind }) => kind)).toEqual(['key', 'subject'])
  })
  test('a snapshot holds what still matters, and its end is where one reads on', async () => {
    const store = await open()
    for (const id of ['a', 'past', 'b', 'c']) await store.revocations.append(entry(id, id === 'past' ? now : now + 60))
    const page = (after: number) => store.revocations.snapshot({ now, after, limit: 2 })
    const first = await page(0)
    expect(first.entries.map(({ id }) => id)).toEqual(['a', 'b'])
    const second = await page(first.upTo)
    expect(second.entries.map(({ id }) => id)).toEqual(['c'])
    const last = await page(second.upTo)
    expect(last).toEqual({ entries: [], upTo: second.upTo })
    expect(await store.revocations.after(last.upTo, 9)).toEqual([])
    await store.revocations.append(entry('d'))
    expect((await store.revocations.after(last.upTo, 9)).map(({ id }) => id)).toEqual(['d'])
  })
  test('a snapshot of an empty log begins at nought', async () => {
    const store = await open()
    expect(await store.revocations.snapshot({ now, after: 0, limit: 9 })).toEqual({ entries: [], upTo: 0 })
  })
  test('numbers go on growing when old entries were swept', async () => {
    const store = await open()
    await store.revocations.append(entry('a'))
    const [before] = await store.revocations.after(0, 1)
    expect(await store.sweep(now + 60, 1000)).toBe(1)
    await store.revocations.append(entry('b'))
    const [after] = await store.revocations.after(before?.sequence ?? 0, 1)
    expect(after?.id).toBe('b')
  })
  test('of many entries at once a reader that follows misses none', async () => {
    const store = await open()
    const ids = Array.from({ length: 60 }, (_, index) => `entry-${index}`)
    const writing = Promise.all(ids.map((id) => store.revocations.append(entry(id))))
    const seen: string[] = []
    let position = 0
    async function read(): Promise<void> {
      const page = await store.revocations.after(position, 7)
      position = page.at(-1)?.sequence ?? position
      seen.push(...page.map(({ id }) => id))
      if (page.length > 0) await read()
    }
    for (let round = 0; round < 10; round++) await read()
    await writing
    await read()
    expect(seen.sort()).toEqual([...ids].sort())
  })
}

function listening(open: () => Promise<Store>): void {
  test('who listens is told of new entries, until it has enough', async () => {
    const store = await open()
    const { grounds: of } = await signIn(store)
    let stop = () => {}
    const heard = new Promise<void>((resolve) => {
      stop = store.revocations.subscribe(resolve)
    })
    await store.families.revoke(of.familyId, now, longEnd)
    await heard
    stop()
    expect(await store.revocations.after(0, 9)).toHaveLength(1)
  })
}
