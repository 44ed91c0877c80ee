import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { codeRecord, fresh, grounds, issuedFor, longEnd, now, sessionRecord, signIn } from './records.ts'

/** What people see of themselves and take back: their consents, what clients hold of theirs, their sessions. */
export function ownPageContract(open: () => Promise<Store>): void {
  describe('what a person has allowed', () => {
    listing(open)
    withdrawing(open)
    racing(open)
  })
  describe('where a person is signed in', () => theirSessions(open))
}

function listing(open: () => Promise<Store>): void {
  test('a person’s consents are listed with what each allows, since the first day, and nobody else’s', async () => {
    const store = await open()
    const [sub, other] = [fresh('person'), fresh('person')]
    await store.consents.grant(sub, 'web', { permissions: ['@', 'openid'] }, now)
    await store.consents.grant(sub, 'web', { permissions: ['@', 'email'] }, now + 100)
    await store.consents.grant(sub, 'app', { permissions: ['@'] }, now + 5)
    await store.consents.grant(other, 'web', { permissions: ['@', 'phone'] }, now)
    const listed = await store.consents.list(sub)
    expect(listed.map(({ permissions, ...rest }) => ({ ...rest, permissions: [...permissions].sort() }))).toEqual([
      { clientId: 'app', permissions: ['@'], details: [], grantedAt: now + 5 },
      { clientId: 'web', permissions: ['@', 'email', 'openid'], details: [], grantedAt: now },
    ])
    expect(await store.consents.list(fresh('person'))).toEqual([])
  })
  test('RFC 9396 §2: what was allowed in detail is kept with its day, newest last, twenty at most', async () => {
    const store = await open()
    const sub = fresh('person')
    const detail = (amount: number) => ({ type: 'payment', amount: `${amount}.50 “€”` })
    await store.consents.grant(sub, 'web', { permissions: ['@'], details: [detail(0), detail(1)] }, now)
    await store.consents.grant(sub, 'web', { permissions: ['openid'] }, now + 1)
    const first = [0, 1].map((amount) => ({ detail: detail(amount), at: now }))
    expect((await store.consents.list(sub))[0]?.details).toEqual(first)
    for (let amount = 2; amount < 21; amount++) {
      await store.consents.grant(sub, 'web', { permissions: ['@'], details: [detail(amount)] }, now + amount)
    }
    const kept = (await store.consents.list(sub))[0]?.details ?? []
    expect(kept).toHaveLength(20)
    expect(kept[0]).toEqual(first[1])
    expect(kept.at(-1)).toEqual({ detail: detail(20), at: now + 20 })
  })
  test('the clients that hold living families of a person are listed, with the day of the oldest', async () => {
    const store = await open()
    const sub = fresh('person')
    const begun = async (clientId: string, createdAt: number, expiresAt = longEnd) => {
      const of = grounds({ sub, clientId })
      const family = { ...issuedFor(of).family, createdAt, expiresAt }
      await store.families.begin({ family, accessToken: null, refreshToken: null }, now)
      return of.familyId
    }
    await begun('web', now + 10)
    await begun('web', now + 5)
    await begun('app', now + 7)
    await begun('expired', now, now + 50)
    await store.families.revoke(await begun('ended', now), now, longEnd)
    await signIn(store)
    expect(await store.families.holders(sub, now + 50)).toEqual([
      { clientId: 'app', since: now + 7 },
      { clientId: 'web', since: now + 5 },
    ])
    expect(await store.families.holders(fresh('person'), now)).toEqual([])
  })
}

/** What a client has of a person: tokens, a code, an approval on another device, a consent. */
async function holding(store: Store, sub: string, clientId = 'web') {
  await store.consents.grant(sub, clientId, { permissions: ['@', 'openid'] }, now)
  const tokens = await signIn(store, grounds({ sub, clientId }))
  const code = codeRecord(grounds({ sub, clientId }))
  await store.codes.create(code)
  const approved = grounds({ sub, clientId })
  const hash = codeRecord(approved).hash
  const lookup = fresh('lookup')
  const times = { intervalSeconds: 5, createdAt: now, expiresAt: now + 600 }
  await store.pendingGrants.create({ hash, lookup, kind: 'device', clientId, request: {}, ...times })
  await store.pendingGrants.decide(hash, { approved }, now)
  return { ...tokens, open: code, approved, pending: hash }
}

/** Whether anything of it still works. */
async function livesOn(store: Store, of: Awaited<ReturnType<typeof holding>>): Promise<readonly boolean[]> {
  return [
    (await store.accessTokens.find(of.accessToken.hash, now + 1)) !== null,
    !(await store.accessTokens.isJwtRevoked(fresh('jti'), of.grounds.familyId)),
    (await store.codes.redeem(of.open.hash, issuedFor(of.open.grounds), now + 1)) === 'redeemed',
    (await store.pendingGrants.redeem(of.pending, issuedFor(of.approved), now + 1)) === 'redeemed',
    (
      await store.refreshTokens.rotate(
        of.refreshToken.hash,
        { issued: { ...issuedFor(of.grounds), family: null }, sealedSuccessor: 'sealed' },
        { now: now + 1, graceSeconds: 30 },
      )
    ).outcome === 'rotated',
  ]
}
const allOf = (alive: boolean) => Array.from({ length: 5 }, () => alive)

function withdrawing(open: () => Promise<Store>): void {
  test('RFC 9700 §4.14: a consent that is withdrawn takes every token, code and approval of that client with it', async () => {
    const store = await open()
    const sub = fresh('person')
    const theirs = await holding(store, sub)
    const second = await signIn(store, grounds({ sub, sid: null }))
    const before = (await store.revocations.snapshot({ now, after: 0, limit: 10_000 })).upTo
    const { hadConsent, ended } = await store.consents.withdraw(sub, 'web', now + 1)
    expect(hadConsent).toBe(true)
    const families = [theirs, second].map(({ grounds: { familyId, sid } }) => ({ familyId, sid }))
    const byId = (a: { familyId: string }, b: { familyId: string }) => (a.familyId < b.familyId ? -1 : 1)
    expect([...ended].sort(byId)).toEqual(families.sort(byId))
    expect(await store.consents.find(sub, 'web')).toEqual([])
    expect(await store.consents.list(sub)).toEqual([])
    expect(await store.families.holders(sub, now + 1)).toEqual([])
    expect(await livesOn(store, theirs)).toEqual(allOf(false))
    const told = await store.revocations.after(before, 10)
    expect(told.map(({ kind, id, at }) => [kind, id, at]).sort()).toEqual(
      families.map(({ familyId }) => ['family', familyId, now + 1]).sort(),
    )
    expect(await store.consents.withdraw(sub, 'web', now + 2)).toEqual({ hadConsent: false, ended: [] })
    expect(await store.revocations.after(before, 10)).toHaveLength(2)
  })
  test('it touches no other person of that client and no other client of that person', async () => {
    const store = await open()
    const sub = fresh('person')
    await holding(store, sub)
    const [otherPerson, otherClient] = [await holding(store, fresh('person')), await holding(store, sub, 'app')]
    await store.consents.withdraw(sub, 'web', now)
    expect(await livesOn(store, otherPerson)).toEqual(allOf(true))
    expect(await livesOn(store, otherClient)).toEqual(allOf(true))
    expect((await store.consents.list(sub)).map(({ clientId }) => clientId)).toEqual(['app'])
  })
  test('what a client got without a consent is ended in the same way', async () => {
    const store = await open()
    const sub = fresh('person')
    const { accessToken } = await signIn(store, grounds({ sub }))
    const { hadConsent, ended } = await store.consents.withdraw(sub, 'web', now)
    expect([hadConsent, ended.length]).toEqual([false, 1])
    expect(await store.accessTokens.find(accessToken.hash, now)).toBeNull()
  })
}

function racing(open: () => Promise<Store>): void {
  test('of many who withdraw at once each family is told of by exactly one', async () => {
    const store = await open()
    const sub = fresh('person')
    await holding(store, sub)
    await signIn(store, grounds({ sub }))
    const before = (await store.revocations.snapshot({ now, after: 0, limit: 10_000 })).upTo
    const answers = await Promise.all(Array.from({ length: 12 }, () => store.consents.withdraw(sub, 'web', now)))
    expect(answers.filter(({ hadConsent }) => hadConsent)).toHaveLength(1)
    expect(answers.flatMap(({ ended }) => ended)).toHaveLength(2)
    expect(await store.revocations.after(before, 50)).toHaveLength(2)
  })
  test('features 14: whoever redeems a code or refreshes while access is withdrawn holds nothing afterwards', async () => {
    const store = await open()
    for (let round = 0; round < 15; round++) {
      const sub = fresh('person')
      const theirs = await holding(store, sub)
      const issued = issuedFor(theirs.open.grounds)
      const renewed = { ...issuedFor(theirs.grounds), family: null }
      await Promise.all([
        store.codes.redeem(theirs.open.hash, issued, now),
        store.refreshTokens.rotate(
          theirs.refreshToken.hash,
          { issued: renewed, sealedSuccessor: 'sealed' },
          { now, graceSeconds: 30 },
        ),
        store.consents.withdraw(sub, 'web', now),
        store.pendingGrants.redeem(theirs.pending, issuedFor(theirs.approved), now),
      ])
      expect(await store.families.holders(sub, now)).toEqual([])
      for (const token of [issued, renewed, theirs]) {
        expect(await store.accessTokens.find(token.accessToken.hash, now)).toBeNull()
      }
    }
  })
}

function theirSessions(open: () => Promise<Store>): void {
  test('a person’s sessions are listed until they expire, with what was kept of each', async () => {
    const store = await open()
    const sub = fresh('person')
    const device = { browser: 'Firefox', platform: null }
    const one = sessionRecord({ sub, device, startedAt: now - 50 })
    const two = sessionRecord({ sub, expiresAt: now + 10 })
    for (const record of [one, two, sessionRecord({ sub: fresh('person') })]) await store.sessions.create(record, null)
    const bySid = (a: { sid: string }, b: { sid: string }) => (a.sid < b.sid ? -1 : 1)
    expect([...(await store.sessions.list(sub, now))].sort(bySid)).toEqual([one, two].sort(bySid))
    expect(await store.sessions.list(sub, now + 10)).toEqual([one])
  })
  test('the last use of a session is kept, and an earlier one does not undo it', async () => {
    const store = await open()
    const record = sessionRecord()
    await store.sessions.create(record, null)
    expect(await store.sessions.use(record.hash, now + 600)).toBe(true)
    expect(await store.sessions.use(record.hash, now + 300)).toBe(true)
    expect(await store.sessions.find(record.hash, now)).toEqual({ ...record, usedAt: now + 600 })
    await store.sessions.end(record.hash)
    expect(await store.sessions.use(record.hash, now + 700)).toBe(false)
    expect(await store.sessions.find(record.hash, now)).toBeNull()
  })
  test('one session ends with all that was given out in it, and only if it is this person’s', async () => {
    const store = await open()
    const sub = fresh('person')
    const [one, two] = [sessionRecord({ sub }), sessionRecord({ sub })]
    for (const record of [one, two]) await store.sessions.create(record, null)
    const inOne = await signIn(store, grounds({ sub, sid: one.sid }))
    const inTwo = await signIn(store, grounds({ sub, sid: two.sid }))
    const code = codeRecord(grounds({ sub, sid: one.sid }))
    await store.codes.create(code)
    expect(await store.sessions.endOf(fresh('person'), { only: one.sid }, now)).toEqual([])
    expect(await store.sessions.find(one.hash, now)).toEqual(one)
    const before = (await store.revocations.snapshot({ now, after: 0, limit: 10_000 })).upTo
    expect(await store.sessions.endOf(sub, { only: one.sid }, now)).toEqual([one.sid])
    expect(await store.sessions.endOf(sub, { only: one.sid }, now)).toEqual([])
    expect(await store.sessions.find(one.hash, now)).toBeNull()
    expect(await store.accessTokens.find(inOne.accessToken.hash, now)).toBeNull()
    expect(await store.codes.redeem(code.hash, issuedFor(code.grounds), now)).toBe('unknown')
    expect(await store.accessTokens.find(inTwo.accessToken.hash, now)).not.toBeNull()
    const told = await store.revocations.after(before, 10)
    expect(told.map(({ kind, id }) => [kind, id])).toEqual([
      ['family', inOne.grounds.familyId],
      ['session', one.sid],
    ])
  })
  test('all sessions but one end, of this person alone, however many ask for it', async () => {
    const store = await open()
    const sub = fresh('person')
    const kept = sessionRecord({ sub })
    const others = Array.from({ length: 4 }, () => sessionRecord({ sub }))
    const foreign = sessionRecord({ sub: fresh('person') })
    for (const record of [kept, ...others, foreign]) await store.sessions.create(record, null)
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => store.sessions.endOf(sub, { except: kept.sid }, now)),
    )
    expect(answers.flat().sort()).toEqual(others.map(({ sid }) => sid).sort())
    expect(await store.sessions.list(sub, now)).toEqual([kept])
    expect(await store.sessions.find(foreign.hash, now)).toEqual(foreign)
  })
}
