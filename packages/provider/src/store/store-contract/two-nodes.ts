import { afterEach, describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import {
  codeRecord,
  fresh,
  grounds,
  issuedFor,
  keyRecord,
  longEnd,
  now,
  sessionRecord,
  signIn,
  tally,
} from './records.ts'

/** Two stores on the same data, as two nodes of one provider have them. */
export function runSharedStoreContract(name: string, makeStores: () => Promise<readonly [Store, Store]>): void {
  describe(`${name}: two nodes`, () => {
    let opened: readonly Store[] = []
    afterEach(async () => {
      for (const store of opened) await store.close()
      opened = []
    })
    async function open(): Promise<readonly [Store, Store]> {
      const stores = await makeStores()
      opened = stores
      return stores
    }
    races(open)
    takingBack(open)
    revocationOrder(open)
    visibility(open)
  })
}

function takingBack(open: () => Promise<readonly [Store, Store]>): void {
  test('RFC 9700 §4.14: access withdrawn at one node while the other redeems and refreshes leaves nothing alive', async () => {
    const [a, b] = await open()
    for (let round = 0; round < 20; round++) {
      const sub = fresh('person')
      const held = await signIn(a, grounds({ sub }))
      const of = grounds({ sub })
      const code = codeRecord(of)
      await a.codes.create(code)
      await a.consents.grant(sub, 'web', { permissions: ['@'] }, now)
      const [issued, renewed] = [issuedFor(of), { ...issuedFor(held.grounds), family: null }]
      const at = { now, graceSeconds: 30 }
      const [withdrawal, again] = await Promise.all([
        a.consents.withdraw(sub, 'web', now),
        b.consents.withdraw(sub, 'web', now),
        b.codes.redeem(code.hash, issued, now),
        b.refreshTokens.rotate(held.refreshToken.hash, { issued: renewed, sealedSuccessor: 'sealed' }, at),
      ])
      expect(tally([withdrawal, again].map(({ hadConsent }) => `${hadConsent}`))).toEqual({ true: 1, false: 1 })
      for (const node of [a, b]) {
        expect(await node.families.holders(sub, now)).toEqual([])
        for (const { accessToken } of [held, issued, renewed]) {
          expect(await node.accessTokens.find(accessToken.hash, now)).toBeNull()
        }
      }
    }
  })
  test('two nodes that sign a person out of all but one browser each leave that one, and no other', async () => {
    const [a, b] = await open()
    const sub = fresh('person')
    const records = Array.from({ length: 6 }, () => sessionRecord({ sub }))
    for (const record of records) await a.sessions.create(record, null)
    const tokens = await Promise.all(records.map(({ sid }) => signIn(b, grounds({ sub, sid }))))
    const [kept] = records
    const ended = await Promise.all([a, b].map((node) => node.sessions.endOf(sub, { except: kept?.sid ?? '' }, now)))
    expect(ended.flat().sort()).toEqual(
      records
        .slice(1)
        .map(({ sid }) => sid)
        .sort(),
    )
    expect(await b.sessions.list(sub, now)).toEqual([kept])
    const alive = await Promise.all(tokens.map(({ accessToken }) => a.accessTokens.find(accessToken.hash, now)))
    expect(alive.map((record) => record !== null)).toEqual(records.map((record) => record === kept))
  })
}

function races(open: () => Promise<readonly [Store, Store]>): void {
  test('features 14: two nodes redeem one code: one wins, the other ends the family', async () => {
    const [a, b] = await open()
    for (let round = 0; round < 20; round++) {
      const of = grounds()
      const code = codeRecord(of)
      await a.codes.create(code)
      const answers = await Promise.all([a, b].map((node) => node.codes.redeem(code.hash, issuedFor(of), now)))
      expect(tally(answers)).toEqual({ redeemed: 1, reused: 1 })
      expect((await b.families.find(of.familyId))?.revokedAt).toBe(now)
    }
  })
  test('features 14: two nodes rotate one refresh token: one wins, the other gets the same successor', async () => {
    const [a, b] = await open()
    for (let round = 0; round < 20; round++) {
      const first = await signIn(a)
      const at = { now, graceSeconds: 30 }
      const answers = await Promise.all(
        [a, b].map((node) =>
          node.refreshTokens.rotate(
            first.refreshToken.hash,
            { issued: issuedFor(first.grounds), sealedSuccessor: node === a ? 'by a' : 'by b' },
            at,
          ),
        ),
      )
      expect(tally(answers.map((answer) => answer.outcome))).toEqual({ rotated: 1, replayed: 1 })
      const sealedSuccessor = answers[0]?.outcome === 'rotated' ? 'by a' : 'by b'
      expect(answers).toContainEqual({ outcome: 'replayed', sealedSuccessor })
    }
  })
  test('two nodes that start at once sign with one key', async () => {
    const [a, b] = await open()
    const [one, two] = await Promise.all([a.keys.ensure(keyRecord('ES256')), b.keys.ensure(keyRecord('ES256'))])
    expect(one).toEqual(two)
  })
}

/** Two nodes write at once, one of them reads on: what it has read before must be all that came before. */
async function follow(reader: Store, isWriting: () => boolean): Promise<readonly string[]> {
  const seen: string[] = []
  for (let position = 0, last = false; ; last = !isWriting()) {
    const page = await reader.revocations.after(position, 5)
    seen.push(...page.map((entry) => entry.id))
    position = page.at(-1)?.sequence ?? position
    if (page.length === 0 && last) return seen
    await new Promise(setImmediate)
  }
}

function revocationOrder(open: () => Promise<readonly [Store, Store]>): void {
  test('a reader that follows the log of two writing nodes misses no entry and reads none twice', async () => {
    const [a, b] = await open()
    const ids = Array.from({ length: 150 }, () => fresh('family'))
    let isWriting = true
    const writing = Promise.all(
      ids.map((id, index) => (index % 2 === 0 ? a : b).families.revoke(id, now, longEnd)),
    ).finally(() => {
      isWriting = false
    })
    const [seen, others] = await Promise.all([follow(b, () => isWriting), follow(a, () => isWriting), writing])
    expect([...seen].sort()).toEqual([...ids].sort())
    expect(others).toEqual(seen)
  })
}

function visibility(open: () => Promise<readonly [Store, Store]>): void {
  test('what one node has acknowledged, the other sees', async () => {
    const [a, b] = await open()
    const { accessToken, grounds: of } = await signIn(a)
    expect(await b.accessTokens.find(accessToken.hash, now)).toEqual(accessToken)
    expect(await b.families.revoke(of.familyId, now, longEnd)).toBe(true)
    expect(await a.accessTokens.find(accessToken.hash, now)).toBeNull()
    const jti = fresh('jti')
    await b.accessTokens.revokeJwt(jti, now + 60, now)
    expect(await a.accessTokens.isJwtRevoked(jti, of.familyId)).toBe(true)
  })
  test('features 17: a token that one node issues and the other takes back is marked in its list at both', async () => {
    const [a, b] = await open()
    const listId = fresh('list')
    await a.statusLists.open({ id: listId, size: 1024, createdAt: now, expiresAt: longEnd })
    const [of, other] = [grounds(), grounds()]
    for (const [index, each] of [of, other].entries()) {
      const status = { jti: `${each.familyId}.x`, listId, index, clientId: 'web', kid: 'k', expiresAt: now + 60 }
      await a.families.begin({ ...issuedFor(each), accessToken: null, status }, now)
    }
    await b.families.revoke(other.familyId, now, longEnd)
    for (const node of [a, b]) expect((await node.statusLists.read(listId, now))?.revoked).toEqual([1])
    expect(await b.statusLists.current(now)).toContain(listId)
  })
}
