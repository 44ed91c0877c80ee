import { afterEach, describe, expect, test } from 'vitest'
import type { AccountRecord, AccountStore } from './account-store.ts'

const now = 1_800_000_000
const at = (instant: number) => ({ now: instant, windowSeconds: 60 })

function account(overrides: Partial<AccountRecord> = {}): AccountRecord {
  return {
    sub: 'sub-alice',
    username: 'Alice',
    passwordHash: '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA',
    admin: false,
    claims: { name: 'Alice Doe', email_verified: true, address: { country: 'DE' } },
    version: 1,
    createdAt: now,
    updatedAt: now,
    ...overrides,
  }
}

/** Everything an `AccountStore` promises, as Vitest tests; `makeStore` opens an empty one, which the suite closes. */
export function runAccountStoreContract(name: string, makeStore: () => Promise<AccountStore>): void {
  describe(name, () => {
    const opened: AccountStore[] = []
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })
    async function open(): Promise<AccountStore> {
      const store = await makeStore()
      opened.push(store)
      return store
    }
    describe('accounts', () => {
      creation(open)
      changes(open)
    })
    describe('failed attempts', () => attempts(open))
  })
}

function creation(open: () => Promise<AccountStore>): void {
  test('an account is kept as it was made and found by its subject and its name', async () => {
    const store = await open()
    expect(await store.find('sub-alice')).toBeNull()
    expect(await store.findByUsername('alice')).toBeNull()
    expect(await store.create(account())).toBe('created')
    expect(await store.find('sub-alice')).toEqual(account())
    expect(await store.findByUsername('Alice')).toEqual(account())
  })
  test('an administrator without a password stays one', async () => {
    const store = await open()
    const admin = account({ admin: true, passwordHash: null, claims: {} })
    await store.create(admin)
    expect(await store.find('sub-alice')).toEqual(admin)
  })
  test('names are compared after NFKC and lower-casing, so two people cannot look the same', async () => {
    const store = await open()
    await store.create(account({ username: 'Ａlice' }))
    for (const typed of ['alice', 'ALICE', ' alice ', 'ａｌｉｃｅ']) {
      expect((await store.findByUsername(typed))?.sub).toBe('sub-alice')
      expect(await store.create(account({ sub: 'sub-other', username: typed }))).toBe('exists')
    }
    expect(await store.find('sub-other')).toBeNull()
  })
  test('a subject is never given out twice', async () => {
    const store = await open()
    await store.create(account())
    expect(await store.create(account({ username: 'Bob' }))).toBe('exists')
    expect(await store.findByUsername('bob')).toBeNull()
  })
  test('of many callers at once exactly one takes a name', async () => {
    const store = await open()
    const subs = Array.from({ length: 20 }, (_, index) => `sub-${index}`)
    const answers = await Promise.all(subs.map((sub) => store.create(account({ sub }))))
    expect(answers.filter((answer) => answer === 'created')).toHaveLength(1)
    expect((await store.findByUsername('alice'))?.sub).toBe(subs[answers.indexOf('created')])
  })
}

function changes(open: () => Promise<AccountStore>): void {
  test('an update is written only over the version it was made from', async () => {
    const store = await open()
    await store.create(account())
    const edits = ['a', 'b', 'c'].map((name) => account({ claims: { name }, version: 2, updatedAt: now + 1 }))
    const answers = await Promise.all(edits.map((edit) => store.update(edit)))
    expect(answers.filter((answer) => answer === 'stale')).toHaveLength(2)
    expect(await store.find('sub-alice')).toEqual(edits[answers.indexOf('updated')])
    expect(await store.update(account({ version: 9 }))).toBe('stale')
    expect(await store.update(account({ sub: 'sub-nobody', version: 2 }))).toBe('stale')
  })
  test('a new name frees the old one and must itself be free', async () => {
    const store = await open()
    await store.create(account())
    await store.create(account({ sub: 'sub-bob', username: 'Bob' }))
    expect(await store.update(account({ username: 'BOB', version: 2 }))).toBe('exists')
    expect(await store.find('sub-alice')).toEqual(account())
    expect(await store.update(account({ username: 'Alicia', version: 2 }))).toBe('updated')
    expect(await store.findByUsername('alice')).toBeNull()
    expect((await store.findByUsername('alicia'))?.sub).toBe('sub-alice')
    expect(await store.create(account({ sub: 'sub-new' }))).toBe('created')
  })
  test('the same name in another spelling is still one’s own', async () => {
    const store = await open()
    await store.create(account())
    expect(await store.update(account({ username: 'ALICE', version: 2 }))).toBe('updated')
    expect((await store.findByUsername('alice'))?.username).toBe('ALICE')
  })
  test('a deleted account is gone with its name', async () => {
    const store = await open()
    await store.create(account())
    expect(await store.delete('sub-alice')).toBe(true)
    expect(await store.delete('sub-alice')).toBe(false)
    expect(await store.find('sub-alice')).toBeNull()
    expect(await store.findByUsername('alice')).toBeNull()
    expect(await store.update(account({ version: 2 }))).toBe('stale')
  })
}

function attempts(open: () => Promise<AccountStore>): void {
  test('attempts are counted inside a window that slides', async () => {
    const store = await open()
    expect(await store.failures('alice', at(now))).toBe(0)
    expect(await store.countFailure('alice', at(now))).toBe(1)
    expect(await store.countFailure('alice', at(now + 30))).toBe(2)
    expect(await store.countFailure('alice', at(now + 30))).toBe(3)
    expect(await store.failures('alice', at(now + 59))).toBe(3)
    expect(await store.failures('alice', at(now + 60))).toBe(2)
    expect(await store.countFailure('alice', at(now + 89))).toBe(3)
    expect(await store.failures('alice', at(now + 149))).toBe(0)
  })
  test('of many attempts at once each counts', async () => {
    const store = await open()
    const counts = await Promise.all(Array.from({ length: 20 }, () => store.countFailure('alice', at(now))))
    expect([...counts].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })
  test('each key counts for itself, and a success clears its own alone', async () => {
    const store = await open()
    await store.countFailure('alice', at(now))
    await store.countFailure('bob', at(now))
    await store.clearFailures('alice')
    expect(await store.failures('alice', at(now))).toBe(0)
    expect(await store.failures('bob', at(now))).toBe(1)
  })
  test('a long window of one key is not cut by a short one of another', async () => {
    const store = await open()
    await store.countFailure('alice', { now, windowSeconds: 3600 })
    await store.countFailure('bob', { now: now + 600, windowSeconds: 60 })
    expect(await store.failures('alice', { now: now + 600, windowSeconds: 3600 })).toBe(1)
  })
}
