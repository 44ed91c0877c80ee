import type { AuditRecord, Store } from '@latchkey/provider'
import { codeOf, groundsOf, hashOf, issuedOf, now } from '../trials/records.ts'
import type { VerbCall } from './verbs.ts'

const end = now + 86_400

/** Takes out of the queue what the verb put there: versions differ in who queues what for the clients of a session. */
export async function andDeliver<T>({ logoutDeliveries }: Store, ended: Promise<T>): Promise<T> {
  const result = await ended
  const due = await logoutDeliveries.claim({ now, leaseSeconds: 30, limit: 99 })
  for (const { id } of due) await logoutDeliveries.settle(id, null)
  return result
}

const person = 'dora'
const session = (number: number) => ({
  hash: hashOf('session', number),
  sid: `sid-${number}`,
  sub: person,
  authTime: now,
  amr: ['pwd'],
  acr: null,
  expiresAt: end,
})

function* sessions(): Generator<VerbCall> {
  for (const number of [21, 22, 23]) {
    yield { name: `sessions.create ${number}`, run: ({ store }) => store.sessions.create(session(number), null) }
    yield {
      name: `sessions.noteClient ${number}`,
      run: ({ store }) => store.sessions.noteClient(`sid-${number}`, 'app', end),
    }
  }
  yield { name: 'sessions.use', run: ({ store }) => store.sessions.use(hashOf('session', 21), now + 5) }
  yield {
    name: 'sessions.list',
    run: async ({ store }) => (await store.sessions.list(person, now)).map(({ sid, usedAt }) => [sid, usedAt]).sort(),
  }
  yield {
    name: 'sessions.endOf, one',
    run: ({ store }) => andDeliver(store, store.sessions.endOf(person, { only: 'sid-21' }, now)),
  }
  yield {
    name: 'sessions.endOf, all but one',
    run: ({ store }) => andDeliver(store, store.sessions.endOf(person, { except: 'sid-23' }, now)),
  }
}

const of = (number: number) => ({ ...groundsOf(number), sub: person, clientId: 'app', sid: 'sid-23' })
const codeOfPerson = (number: number) => ({ ...codeOf(number), grounds: of(number) })

function* access(): Generator<VerbCall> {
  for (const number of [31, 32]) {
    const { family, ...rest } = issuedOf(number, 'access')
    const issued = { ...rest, family: { ...family, ...of(number) } }
    yield { name: `codes.create ${number}`, run: ({ store }) => store.codes.create(codeOfPerson(number)) }
    yield {
      name: `codes.redeem ${number}`,
      run: ({ store }) => store.codes.redeem(codeOfPerson(number).hash, issued, now),
    }
  }
  const allowed = { permissions: ['openid'], details: [{ type: 'payment' }] }
  yield { name: 'consents.grant, in detail', run: ({ store }) => store.consents.grant(person, 'app', allowed, now) }
  yield { name: 'consents.list', run: ({ store }) => store.consents.list(person) }
  yield { name: 'families.holders', run: ({ store }) => store.families.holders(person, now) }
  yield {
    name: 'consents.withdraw',
    run: async ({ store }) => {
      const { hadConsent, ended } = await andDeliver(store, store.consents.withdraw(person, 'app', now))
      return [hadConsent, ended.map(({ familyId }) => familyId).sort()]
    },
  }
  yield { name: 'families.forgetSubject', run: ({ store }) => store.families.forgetSubject(person) }
  yield { name: 'codes.find, forgotten', run: ({ store }) => store.codes.find(codeOfPerson(31).hash) }
}

const entry = (number: number, type: string): AuditRecord => ({
  id: `019f000000${number}`,
  type,
  at: now,
  requestId: 'r',
  clientId: 'app',
  sub: person,
  actor: null,
  familyId: null,
  grantType: null,
  error: null,
  detail: null,
  expiresAt: end,
})

function* trail(): Generator<VerbCall> {
  yield { name: 'audit.append', run: ({ store }) => store.audit.append([entry(1, 'one'), entry(2, 'two')]) }
  yield { name: 'audit.append again', run: ({ store }) => store.audit.append([entry(2, 'other'), entry(3, 'three')]) }
  yield { name: 'audit.list', run: ({ store }) => store.audit.list({ person, limit: 9 }) }
}

function* lists(): Generator<VerbCall> {
  const list = { id: 'l1', size: 16, createdAt: now, expiresAt: end }
  const place = { jti: 'family.1', listId: 'l1', index: 3, clientId: 'app', kid: 'k', expiresAt: end }
  yield { name: 'statusLists.open', run: ({ store }) => store.statusLists.open(list) }
  yield { name: 'statusLists.enter', run: ({ store }) => store.statusLists.enter(place) }
  yield { name: 'families.revoke, listed', run: ({ store }) => store.families.revoke('family', now, end) }
  yield { name: 'statusLists.read', run: ({ store }) => store.statusLists.read('l1', now) }
  yield { name: 'statusLists.current', run: ({ store }) => store.statusLists.current(now) }
}

/** Verbs that came later than the first version that was written down. */
export const laterVerbs: readonly VerbCall[] = [...sessions(), ...access(), ...trail(), ...lists()]
