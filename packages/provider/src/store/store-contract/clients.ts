import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import {
  accessTokenRecord,
  clientRecord,
  codeRecord,
  fresh,
  grounds,
  issuedFor,
  now,
  signIn,
  tally,
} from './records.ts'

export function clientsContract(open: () => Promise<Store>): void {
  describe('clients', () => {
    registration(open)
    listing(open)
    deletion(open)
  })
}

function registration(open: () => Promise<Store>): void {
  test('a client is kept as it was made, and its id is taken from then on', async () => {
    const store = await open()
    const record = clientRecord()
    const id = record.metadata.client_id
    expect(await store.clients.find(id)).toBeNull()
    expect(await store.clients.create(record)).toBe('created')
    expect(await store.clients.create({ ...record, secretHashes: [] })).toBe('exists')
    expect(await store.clients.find(id)).toEqual(record)
  })
  test('an update is written only over the version it was made from', async () => {
    const store = await open()
    const record = clientRecord()
    await store.clients.create(record)
    const edits = ['One', 'Two', 'Three'].map((client_name) => ({
      ...record,
      metadata: { ...record.metadata, client_name },
      version: 2,
      updatedAt: now + 1,
    }))
    const answers = await Promise.all(edits.map((edit) => store.clients.update(edit)))
    expect(tally(answers)).toEqual({ updated: 1, stale: 2 })
    expect(await store.clients.find(record.metadata.client_id)).toEqual(edits[answers.indexOf('updated')])
    expect(await store.clients.update({ ...record, version: 4 })).toBe('stale')
    expect(await store.clients.update(clientRecord())).toBe('stale')
  })
}

function listing(open: () => Promise<Store>): void {
  test('clients are listed by id, a page at a time', async () => {
    const store = await open()
    const ids = ['a-1', 'b-2', 'c-3', 'd-4']
    for (const client_id of ['c-3', 'a-1', 'd-4', 'b-2']) await store.clients.create(clientRecord({ client_id }))
    const idsOf = async (query: { after?: string; limit: number }) =>
      (await store.clients.list(query)).map((record) => record.metadata.client_id)
    expect(await idsOf({ limit: 10 })).toEqual(ids)
    expect(await idsOf({ limit: 2 })).toEqual(ids.slice(0, 2))
    expect(await idsOf({ after: 'b-2', limit: 10 })).toEqual(ids.slice(2))
    expect(await idsOf({ after: 'd-4', limit: 10 })).toEqual([])
  })
  test('a search looks in id and name, in any letter case, beyond ASCII, and takes no sign for a wildcard', async () => {
    const store = await open()
    await store.clients.create(clientRecord({ client_id: 'alpha', client_name: 'Zürich ÜBERSICHT' }))
    await store.clients.create(clientRecord({ client_id: 'Beta_100%', client_name: 'Notes' }))
    const found = async (search: string) =>
      (await store.clients.list({ search, limit: 10 })).map((record) => record.metadata.client_id)
    expect(await found('übers')).toEqual(['alpha'])
    expect(await found('ALPH')).toEqual(['alpha'])
    expect(await found('beta')).toEqual(['Beta_100%'])
    expect(await found('0%')).toEqual(['Beta_100%'])
    expect(await found('%')).toEqual(['Beta_100%'])
    expect(await found('a_')).toEqual(['Beta_100%'])
    expect(await found("'")).toEqual([])
    expect(await found('')).toHaveLength(2)
  })
}

function deletion(open: () => Promise<Store>): void {
  test('deleting a client ends its families and the tokens that stand alone, and nobody else’s', async () => {
    const store = await open()
    const record = clientRecord()
    const clientId = record.metadata.client_id
    await store.clients.create(record)
    const session = await signIn(store, grounds({ clientId }))
    const alone = accessTokenRecord(grounds({ clientId, sub: clientId, sid: null }))
    await store.accessTokens.create(alone)
    const other = await signIn(store)

    expect(await store.clients.delete(clientId, now + 1)).toBe('deleted')
    expect(await store.clients.delete(clientId, now + 1)).toBe('unknown')
    expect(await store.clients.find(clientId)).toBeNull()
    expect((await store.families.find(session.grounds.familyId))?.revokedAt).toBe(now + 1)
    expect(await store.accessTokens.find(session.accessToken.hash, now + 1)).toBeNull()
    expect(await store.accessTokens.find(alone.hash, now + 1)).toBeNull()
    expect(await store.accessTokens.find(other.accessToken.hash, now + 1)).not.toBeNull()
  })
  test('whoever takes the name of a deleted client inherits neither its codes nor its consents', async () => {
    const store = await open()
    const record = clientRecord({ client_id: fresh('client') })
    const clientId = record.metadata.client_id
    await store.clients.create(record)
    await store.consents.grant('alice', clientId, { permissions: ['openid'] }, now)
    const code = codeRecord(grounds({ clientId }))
    await store.codes.create(code)
    await store.clients.delete(clientId, now)
    await store.clients.create(record)
    expect(await store.consents.find('alice', clientId)).toEqual([])
    expect(await store.codes.redeem(code.hash, issuedFor(code.grounds), now)).toBe('unknown')
  })
}
