import { describe, expect, test } from 'vitest'
import type { StatusEntry, Store } from '../store.ts'
import { clientRecord, codeRecord, fresh, grounds, issuedFor, longEnd, now, refreshTokenRecord } from './records.ts'

const end = now + 7200

/** A list of its own, and entries in it. */
async function openList(store: Store) {
  const id = fresh('list')
  await store.statusLists.open({ id, size: 1024, createdAt: now, expiresAt: end })
  const entry = (index: number, changes: Partial<StatusEntry> = {}): StatusEntry => ({
    jti: `${fresh('family')}.${fresh('token')}`,
    listId: id,
    index,
    clientId: 'web',
    kid: 'first',
    expiresAt: now + 3600,
    ...changes,
  })
  const revoked = async () => (await store.statusLists.read(id, now))?.revoked
  return { id, entry, revoked }
}

export function statusListsContract(open: () => Promise<Store>): void {
  describe('status lists', () => {
    places(open)
    marks(open)
  })
}

function places(open: () => Promise<Store>): void {
  test('a list is there until its end, and named among those there are, oldest first', async () => {
    const store = await open()
    const [a, b] = [await openList(store), await openList(store)]
    const list = { id: a.id, size: 1024, createdAt: now, expiresAt: end }
    expect(await store.statusLists.read(a.id, end - 1)).toEqual({ list, revoked: [] })
    expect(await store.statusLists.read(a.id, end)).toBeNull()
    expect(await store.statusLists.read('unknown', now)).toBeNull()
    expect(new Set(await store.statusLists.current(end - 1))).toEqual(new Set([a.id, b.id]))
    expect(await store.statusLists.current(end)).toEqual([])
    await expect(store.statusLists.open(list)).rejects.toThrow()
  })

  test('Token Status List §13.3: an index is given once, whoever reaches for it, and a refused one writes nothing', async () => {
    const store = await open()
    const { entry, revoked } = await openList(store)
    const first = entry(7)
    await store.statusLists.enter(first)
    await expect(store.statusLists.enter(entry(7))).rejects.toThrow()
    await expect(store.statusLists.enter({ ...entry(8), jti: first.jti })).rejects.toThrow()
    const of = grounds()
    const code = codeRecord(of)
    await store.codes.create(code)
    const issued = { ...issuedFor(of), accessToken: null, status: entry(7, { jti: `${of.familyId}.one` }) }
    await expect(store.codes.redeem(code.hash, issued, now)).rejects.toThrow()
    expect(await store.refreshTokens.find(issued.refreshToken.hash)).toBeNull()
    expect((await store.codes.find(code.hash))?.consumedAt).toBeNull()
    expect(await revoked()).toEqual([])
  })

  test('entries go with their token, lists with their last one', async () => {
    const store = await open()
    const { id, entry, revoked } = await openList(store)
    const ended = entry(1)
    await store.statusLists.enter(ended)
    await store.statusLists.enter(entry(2, { expiresAt: now + 7000 }))
    await store.accessTokens.revokeJwt(ended.jti, now + 3600, now)
    expect(await revoked()).toEqual([1])
    await store.sweep(now + 3600, 1000)
    expect(await revoked()).toEqual([])
    await store.sweep(end, 1000)
    expect(await store.statusLists.read(id, now)).toBeNull()
  })
}

function marks(open: () => Promise<Store>): void {
  test('features 17: a token that is revoked is marked, and no other', async () => {
    const store = await open()
    const { entry, revoked } = await openList(store)
    const entries = [entry(0), entry(9), entry(1023)]
    for (const one of entries) await store.statusLists.enter(one)
    expect(await revoked()).toEqual([])
    for (const one of [entries[2], entries[0]]) await store.accessTokens.revokeJwt(one?.jti ?? '', now + 60, now)
    expect(await revoked()).toEqual([0, 1023])
  })

  test('features 17: the end of a family marks its tokens, by whichever step each was issued', async () => {
    const store = await open()
    const { entry, revoked } = await openList(store)
    const of = grounds()
    const at = { now, graceSeconds: 30 }
    const status = (index: number) => entry(index, { jti: `${of.familyId}.${index}` })
    const response = (index: number) => ({ ...issuedFor(of), accessToken: null, status: status(index) })
    const code = codeRecord(of)
    await store.codes.create(code)
    const first = response(1)
    expect(await store.codes.redeem(code.hash, first, now)).toBe('redeemed')
    const second = { family: null, accessToken: null, refreshToken: refreshTokenRecord(of), status: status(2) }
    const rotate = (issued: typeof second) =>
      store.refreshTokens.rotate(first.refreshToken.hash, { issued, sealedSuccessor: 'sealed' }, at)
    expect((await rotate(second)).outcome).toBe('rotated')
    expect((await rotate({ ...second, refreshToken: refreshTokenRecord(of), status: status(3) })).outcome).toBe(
      'replayed',
    )
    const renewal = {
      issued: { family: null, accessToken: null, refreshToken: null, status: status(4) },
      expiresAt: longEnd,
    }
    expect(await store.refreshTokens.extend(second.refreshToken.hash, renewal, now)).toBe('extended')
    await store.statusLists.enter(entry(5, { jti: `${of.familyId}x.5` }))
    expect(await revoked()).toEqual([])
    await store.families.revoke(of.familyId, now, longEnd)
    expect(await revoked()).toEqual([1, 2, 3, 4])
  })

  test('features 17: a session, a person, a client and a key that end mark what hangs on them', async () => {
    const store = await open()
    const { entry, revoked } = await openList(store)
    const begin = async (index: number, of = grounds()) => {
      const status = entry(index, { jti: `${of.familyId}.${index}`, clientId: of.clientId })
      await store.families.begin({ ...issuedFor(of), accessToken: null, status }, now)
      return of
    }
    const [session, person] = [await begin(1), await begin(2, grounds({ sub: fresh('sub') }))]
    const client = clientRecord()
    const { client_id: clientId } = client.metadata
    await store.clients.create(client)
    await begin(3, grounds({ clientId }))
    await store.statusLists.enter(entry(4, { clientId }))
    await store.statusLists.enter(entry(5, { kid: 'stolen' }))
    await begin(6)
    await store.families.revokeSession({ sid: session.sid ?? '', sub: '' }, now)
    expect(await revoked()).toEqual([1])
    await store.families.revokeSubject(person.sub, now, end)
    expect(await revoked()).toEqual([1, 2])
    await store.clients.delete(clientId, now)
    expect(await revoked()).toEqual([1, 2, 3, 4])
    await store.revocations.append({ kind: 'key', id: 'stolen', at: now, expiresAt: end })
    expect(await revoked()).toEqual([1, 2, 3, 4, 5])
  })
}
