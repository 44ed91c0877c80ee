import type { AccountStore } from '@latchkey/accounts'
import type { BffSessionRecord, SessionStore } from '@latchkey/bff'
import type { ClientRecord, Grounds, KeyRecord, Store } from '@latchkey/provider'

import { codeOf, groundsOf, hashOf, issuedOf, now } from '../trials/records.ts'
import { andDeliver, laterVerbs } from './later-verbs.ts'

/** The stores of one node. */
export interface Stores {
  readonly store: Store
  readonly accounts: AccountStore
  readonly sessions: SessionStore
}

/** One call of one verb; with the same calls before it, it always comes out the same. */
export interface VerbCall {
  readonly name: string
  readonly run: (stores: Stores) => Promise<unknown>
}

const end = now + 86_400
const client = (version: number, clientId = 'web'): ClientRecord => ({
  metadata: { client_id: clientId, client_name: `Web ${version}` } as ClientRecord['metadata'],
  secretHashes: ['c2VjcmV0'],
  version,
  createdAt: now,
  updatedAt: now + version,
})
const key = (kid: string, version = 1): KeyRecord => ({
  kid,
  alg: 'ES256',
  publicJwk: { kid },
  sealedPrivateJwk: `sealed ${version}`,
  createdAt: now,
  signsAt: now,
  retiresAt: version === 1 ? null : now + 60,
  dropsAt: null,
  version,
})
const session = (number: number) => ({
  hash: hashOf('session', number),
  sid: `sid-${number}`,
  sub: 'alice',
  authTime: now,
  amr: ['pwd'],
  acr: null,
  expiresAt: end,
})

function* clients(): Generator<VerbCall> {
  yield { name: 'clients.create', run: ({ store }) => store.clients.create(client(1)) }
  yield { name: 'clients.create again', run: ({ store }) => store.clients.create(client(1)) }
  yield { name: 'clients.update', run: ({ store }) => store.clients.update(client(2)) }
  yield { name: 'clients.update, stale', run: ({ store }) => store.clients.update(client(2)) }
  yield { name: 'clients.find', run: ({ store }) => store.clients.find('web') }
  yield { name: 'clients.list', run: ({ store }) => store.clients.list({ search: 'WEB', limit: 5 }) }
}

function* browser(): Generator<VerbCall> {
  const hash = hashOf('interaction', 1)
  const interaction = { hash, request: 'a=b', returnTo: null, sessionHash: null, createdAt: now, expiresAt: end }
  yield { name: 'interactions.create', run: ({ store }) => store.interactions.create(interaction) }
  yield {
    name: 'interactions.recordSignIn',
    run: ({ store }) => store.interactions.recordSignIn(hash, hashOf('session', 1), now),
  }
  yield { name: 'interactions.find', run: ({ store }) => store.interactions.find(hash, now) }
  yield { name: 'interactions.consume', run: ({ store }) => store.interactions.consume(hash, now) }
  yield { name: 'interactions.consume again', run: ({ store }) => store.interactions.consume(hash, now) }
  yield { name: 'sessions.create', run: ({ store }) => store.sessions.create(session(1), null) }
  yield {
    name: 'sessions.create, replacing',
    run: ({ store }) => store.sessions.create(session(2), hashOf('session', 1)),
  }
  yield { name: 'sessions.find', run: ({ store }) => store.sessions.find(hashOf('session', 2), now) }
  yield { name: 'sessions.noteClient', run: ({ store }) => store.sessions.noteClient('sid-2', 'web', end) }
  yield { name: 'sessions.clientsOf', run: ({ store }) => store.sessions.clientsOf('sid-2') }
  yield {
    name: 'consents.grant',
    run: ({ store }) => store.consents.grant('alice', 'web', { permissions: ['openid'] }, now),
  }
  yield {
    name: 'consents.grant more',
    run: ({ store }) => store.consents.grant('alice', 'web', { permissions: ['email'] }, now),
  }
  yield { name: 'consents.find', run: ({ store }) => store.consents.find('alice', 'web') }
  yield {
    name: 'consents.revoke',
    run: async ({ store }) => (await andDeliver(store, store.consents.withdraw('alice', 'web', now))).hadConsent,
  }
}

function* codes(): Generator<VerbCall> {
  for (const number of [1, 2, 3, 4, 5]) {
    yield { name: `codes.create ${number}`, run: ({ store }) => store.codes.create(codeOf(number)) }
  }
  for (const number of [1, 2, 3, 4]) {
    const redeem = ({ store }: Stores) => store.codes.redeem(codeOf(number).hash, issuedOf(number, 'first'), now)
    yield { name: `codes.redeem ${number}`, run: redeem }
  }
  const again = ({ store }: Stores) => store.codes.redeem(codeOf(1).hash, issuedOf(1, 'again'), now)
  yield { name: 'codes.redeem, reused', run: again }
  yield { name: 'codes.find', run: ({ store }) => store.codes.find(codeOf(2).hash) }
  yield { name: 'families.find', run: ({ store }) => store.families.find(groundsOf(1).familyId) }
}

const tokenOf = (by: string, number: number) => issuedOf(number, by).refreshToken.hash
const rotation = (number: number, from: string, to: string, at = now) => ({
  name: `refreshTokens.rotate ${number}, ${from} to ${to} at ${at - now}`,
  run: ({ store }: Stores) => {
    const issued = { ...issuedOf(number, to), family: null }
    const successor = { issued, sealedSuccessor: `sealed ${to}` }
    return store.refreshTokens.rotate(tokenOf(from, number), successor, { now: at, graceSeconds: 30 })
  },
})

function* tokens(): Generator<VerbCall> {
  yield rotation(2, 'first', 'second')
  yield rotation(2, 'first', 'lost', now + 5)
  yield rotation(2, 'second', 'third', now + 10)
  yield rotation(2, 'first', 'stolen', now + 100)
  yield { name: 'refreshTokens.find', run: ({ store }) => store.refreshTokens.find(tokenOf('second', 2)) }
  const { accessToken } = issuedOf(3, 'extended')
  const issued = { family: null, accessToken, refreshToken: null }
  const extend = ({ store }: Stores) => store.refreshTokens.extend(tokenOf('first', 3), { issued, expiresAt: end }, now)
  yield { name: 'refreshTokens.extend', run: extend }
  yield { name: 'accessTokens.find', run: ({ store }) => store.accessTokens.find(accessToken.hash, now) }
  yield { name: 'accessTokens.revoke', run: ({ store }) => store.accessTokens.revoke(accessToken.hash) }
  yield { name: 'accessTokens.find, revoked', run: ({ store }) => store.accessTokens.find(accessToken.hash, now) }
  const lone = { ...issuedOf(6, 'lone').accessToken, grounds: { ...groundsOf(6), sid: null } satisfies Grounds }
  yield { name: 'accessTokens.create', run: ({ store }) => store.accessTokens.create(lone) }
  yield { name: 'accessTokens.find, alone', run: ({ store }) => store.accessTokens.find(lone.hash, now) }
  yield { name: 'accessTokens.revokeJwt', run: ({ store }) => store.accessTokens.revokeJwt('jti-1', end, now) }
  yield { name: 'accessTokens.isJwtRevoked', run: ({ store }) => store.accessTokens.isJwtRevoked('jti-1', 'none') }
  const family = groundsOf(2).familyId
  yield {
    name: 'accessTokens.isJwtRevoked, ended',
    run: ({ store }) => store.accessTokens.isJwtRevoked('jti-2', family),
  }
  yield { name: 'families.begin', run: ({ store }) => store.families.begin(issuedOf(7, 'begun'), now) }
  yield { name: 'families.revoke', run: ({ store }) => store.families.revoke(groundsOf(7).familyId, now, end) }
  yield { name: 'families.revoke, unknown', run: ({ store }) => store.families.revoke('never', now, end) }
  yield {
    name: 'families.revokeSession',
    run: ({ store }) => store.families.revokeSession({ sid: 'sid-3', sub: 'alice' }, now),
  }
  yield {
    name: 'families.revokeSubject',
    run: ({ store }) => andDeliver(store, store.families.revokeSubject('alice', now, end)),
  }
  yield {
    name: 'codes.redeem, of an ended person',
    run: ({ store }) => store.codes.redeem(codeOf(5).hash, issuedOf(5, 'late'), now),
  }
  yield { name: 'clients.delete', run: ({ store }) => store.clients.delete('web', now) }
  yield { name: 'sessions.end', run: ({ store }) => store.sessions.end(hashOf('session', 2)) }
}

function* errands(): Generator<VerbCall> {
  const list = ({ store }: Stores) => store.keys.list()
  yield { name: 'keys.ensure', run: ({ store }) => store.keys.ensure(key('k1')) }
  yield { name: 'keys.ensure, another', run: ({ store }) => store.keys.ensure(key('k2')) }
  yield { name: 'keys.update', run: ({ store }) => store.keys.update(key('k1', 2)) }
  yield { name: 'keys.succeed', run: ({ store }) => store.keys.succeed(key('k1', 3), key('k3')) }
  yield { name: 'keys.list', run: list }
  yield { name: 'keys.remove', run: ({ store }) => store.keys.remove('k1') }
  yield { name: 'replays.remember', run: ({ store }) => store.replays.remember('replay', now + 60, now) }
  yield { name: 'replays.remember again', run: ({ store }) => store.replays.remember('replay', now + 60, now) }
  yield { name: 'replays.remember later', run: ({ store }) => store.replays.remember('replay', now + 90, now + 60) }
  const hash = hashOf('pushed', 1)
  const pushed = { hash, clientId: 'web', form: 'a=b', request: 'a=b', createdAt: now, expiresAt: end }
  yield { name: 'pushedRequests.create', run: ({ store }) => store.pushedRequests.create(pushed as never) }
  yield { name: 'pushedRequests.consume', run: ({ store }) => store.pushedRequests.consume(hash, 'web', now) }
  const times = { attempts: 0, nextAttemptAt: now, expiresAt: end }
  const delivery = { id: 'd1', clientId: 'web', sub: 'alice', sid: 'sid-1', ping: null, ...times }
  yield { name: 'logoutDeliveries.enqueue', run: ({ store }) => store.logoutDeliveries.enqueue([delivery]) }
  const due = { now, leaseSeconds: 30, limit: 5 }
  yield { name: 'logoutDeliveries.claim', run: ({ store }) => store.logoutDeliveries.claim(due) }
  yield { name: 'logoutDeliveries.settle', run: ({ store }) => store.logoutDeliveries.settle('d1', now + 60) }
  yield { name: 'leases.acquire', run: ({ store }) => store.leases.acquire('sweep', 'a', { now, seconds: 30 }) }
  yield { name: 'leases.acquire, held', run: ({ store }) => store.leases.acquire('sweep', 'b', { now, seconds: 30 }) }
  yield { name: 'leases.release', run: ({ store }) => store.leases.release('sweep', 'a') }
  yield { name: 'leases.acquire, free', run: ({ store }) => store.leases.acquire('sweep', 'b', { now, seconds: 30 }) }
}

function* pending(): Generator<VerbCall> {
  const hash = hashOf('pending', 1)
  const times = { intervalSeconds: 5, createdAt: now, expiresAt: end }
  const grant = { hash, lookup: 'BBBBCCCC', clientId: 'tv', scope: [], resources: [], ...times }
  yield { name: 'pendingGrants.create', run: ({ store }) => store.pendingGrants.create(grant as never) }
  yield { name: 'pendingGrants.findByLookup', run: ({ store }) => store.pendingGrants.findByLookup('BBBBCCCC', now) }
  yield { name: 'pendingGrants.poll', run: ({ store }) => store.pendingGrants.poll(hash, now) }
  yield { name: 'pendingGrants.poll, early', run: ({ store }) => store.pendingGrants.poll(hash, now + 1) }
  const approved = { ...groundsOf(8), clientId: 'tv', sub: 'bob' }
  yield { name: 'pendingGrants.decide', run: ({ store }) => store.pendingGrants.decide(hash, { approved }, now) }
  yield { name: 'pendingGrants.poll, decided', run: ({ store }) => store.pendingGrants.poll(hash, now + 60) }
  yield { name: 'pendingGrants.redeem', run: ({ store }) => store.pendingGrants.redeem(hash, issuedOf(8, 'tv'), now) }
  yield {
    name: 'pendingGrants.redeem again',
    run: ({ store }) => store.pendingGrants.redeem(hash, issuedOf(8, 'tv'), now),
  }
}

function* log(): Generator<VerbCall> {
  const entry = { kind: 'key', id: 'k9', at: now, expiresAt: end } as const
  yield { name: 'revocations.append', run: ({ store }) => store.revocations.append(entry) }
  yield { name: 'revocations.after', run: ({ store }) => store.revocations.after(0, 100) }
  yield { name: 'revocations.snapshot', run: ({ store }) => store.revocations.snapshot({ now, after: 2, limit: 3 }) }
}

const account = (version: number) => ({
  sub: 'carol-1',
  username: 'Carol',
  passwordHash: `hash ${version}`,
  admin: false,
  claims: { name: 'Carol' },
  version,
  createdAt: now,
  updatedAt: now,
})

function* people(): Generator<VerbCall> {
  const at = { now, windowSeconds: 60 }
  yield { name: 'accounts.create', run: ({ accounts }) => accounts.create(account(1)) }
  yield { name: 'accounts.create again', run: ({ accounts }) => accounts.create(account(1)) }
  yield { name: 'accounts.update', run: ({ accounts }) => accounts.update(account(2)) }
  yield { name: 'accounts.update, stale', run: ({ accounts }) => accounts.update(account(2)) }
  yield { name: 'accounts.findByUsername', run: ({ accounts }) => accounts.findByUsername('CAROL') }
  yield { name: 'accounts.countFailure', run: ({ accounts }) => accounts.countFailure('carol', at) }
  yield { name: 'accounts.countFailure again', run: ({ accounts }) => accounts.countFailure('carol', at) }
  yield { name: 'accounts.failures', run: ({ accounts }) => accounts.failures('carol', at) }
  yield { name: 'accounts.clearFailures', run: ({ accounts }) => accounts.clearFailures('carol') }
  yield { name: 'accounts.find', run: ({ accounts }) => accounts.find('carol-1') }
  yield { name: 'accounts.delete', run: ({ accounts }) => accounts.delete('carol-1') }
}

const browserSession = (number: number): BffSessionRecord => ({
  hash: hashOf('bff', number),
  sub: 'alice',
  sid: `sid-${number}`,
  clientId: 'web',
  sealedTokens: 'sealed',
  version: 1,
  createdAt: now,
  lastSeenAt: now,
  idleExpiresAt: now + 600,
  absoluteExpiresAt: end,
})

function* bff(): Generator<VerbCall> {
  const hash = hashOf('bff', 1)
  const at = { now, leaseSeconds: 30 }
  yield { name: 'bff.create', run: ({ sessions }) => sessions.create(browserSession(1), null) }
  yield { name: 'bff.create, another', run: ({ sessions }) => sessions.create(browserSession(2), null) }
  yield { name: 'bff.load', run: ({ sessions }) => sessions.load(hash, now) }
  yield { name: 'bff.touch', run: ({ sessions }) => sessions.touch(hash, { now, idleExpiresAt: now + 900 }) }
  yield { name: 'bff.claimRefresh', run: ({ sessions }) => sessions.claimRefresh(hash, 1, at) }
  yield { name: 'bff.renewLease', run: ({ sessions }) => sessions.renewLease(hash, 1, at) }
  const commit = { sealedTokens: 'sealed 2', version: 1, fence: 1, now }
  yield { name: 'bff.commitTokens', run: ({ sessions }) => sessions.commitTokens(hash, commit) }
  yield { name: 'bff.commitTokens again', run: ({ sessions }) => sessions.commitTokens(hash, commit) }
  yield { name: 'bff.claimRefresh, moved', run: ({ sessions }) => sessions.claimRefresh(hash, 1, at) }
  yield { name: 'bff.claimRefresh, newer', run: ({ sessions }) => sessions.claimRefresh(hash, 2, at) }
  yield { name: 'bff.releaseRefresh', run: ({ sessions }) => sessions.releaseRefresh(hash, 2) }
  yield { name: 'bff.list', run: ({ sessions }) => sessions.list({ sub: 'alice' }, { limit: 5, now }) }
  yield { name: 'bff.rememberOnce', run: ({ sessions }) => sessions.rememberOnce('state', end, now) }
  yield { name: 'bff.rememberOnce again', run: ({ sessions }) => sessions.rememberOnce('state', end, now) }
  yield { name: 'bff.revoke', run: ({ sessions }) => sessions.revoke({ sid: 'sid-1', clientId: 'web' }, now) }
  yield { name: 'bff.load, revoked', run: ({ sessions }) => sessions.load(hash, now) }
  yield { name: 'bff.sweep', run: ({ sessions }) => sessions.sweep(now + 7200, 50) }
}

/** Every verb of the three contracts, at least once. */
export const verbCalls: readonly VerbCall[] = [
  ...clients(),
  ...browser(),
  ...codes(),
  ...tokens(),
  ...errands(),
  ...pending(),
  ...log(),
  ...people(),
  ...bff(),
  ...laterVerbs,
  { name: 'sweep', run: ({ store }) => store.sweep(end + 100, 500) },
]
