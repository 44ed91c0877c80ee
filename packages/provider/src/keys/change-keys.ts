import { type Runtime, type SigningAlg, signingAlgs } from '@latchkey/protocol'
import type { KeyRecord, Store } from '../store/store.ts'
import type { KeyVault } from './key-encryption.ts'
import { isDue, type KeySchedule, retired, standing, successionAt } from './key-schedule.ts'
import { makeKey } from './signing-key.ts'

/** What changing keys needs; a command beside the server has it too. */
export interface KeyHouse {
  readonly store: Pick<Store, 'keys' | 'revocations'>
  readonly vault: KeyVault
  readonly runtime: Runtime
  readonly schedule: KeySchedule
}

export interface KeyChange {
  readonly type: 'key.announced' | 'key.dropped' | 'key.compromised'
  readonly kid: string
}

/** Announces successors that are due, takes away keys that nothing needs, seals again what an older key sealed. */
export async function maintainKeys(house: KeyHouse): Promise<readonly KeyChange[]> {
  const now = house.runtime.now()
  const changes: KeyChange[] = []
  const records = await house.store.keys.list()
  for (const record of records) {
    if (record.dropsAt === null || record.dropsAt > now) continue
    if (await house.store.keys.remove(record.kid)) changes.push({ type: 'key.dropped', kid: record.kid })
  }
  for (const alg of signingAlgs) {
    const newest = standing(records, alg, now).at(-1)
    if (newest === undefined || !isDue(newest, now, house.schedule)) continue
    const at = successionAt(newest, now, house.schedule)
    const kid = await announce(house, { newest, alg, at })
    if (kid !== null) changes.push({ type: 'key.announced', kid })
  }
  await sealAgain(house)
  return changes
}

/** Announces a successor now, unless one is announced already. @returns the kid of who follows, or null where there is no key */
export async function rotateKey(house: KeyHouse, alg: SigningAlg): Promise<string | null> {
  const now = house.runtime.now()
  const newest = standing(await house.store.keys.list(), alg, now).at(-1)
  if (newest === undefined) return null
  if (newest.signsAt > now) return newest.kid
  const kid = await announce(house, { newest, alg, at: Math.ceil(now) + house.schedule.announce })
  return kid ?? rotateKey(house, alg)
}

/** null when another node was first. */
async function announce(
  house: KeyHouse,
  { newest, alg, at }: { newest: KeyRecord; alg: SigningAlg; at: number },
): Promise<string | null> {
  const made = await makeKey(alg, at, house)
  // Counted from now: making a key takes a while.
  const signsAt = Math.max(at, Math.ceil(house.runtime.now()) + house.schedule.announce)
  const successor = { ...made, signsAt }
  const outcome = await house.store.keys.succeed(retired(newest, signsAt, house.schedule), successor)
  return outcome === 'succeeded' ? successor.kid : null
}

/**
 * Ends a key at once: it leaves the JWK Set, nothing it signed is believed any more, and the revocation log says so.
 * Another signs in its stead from now on. @returns false when there is no such key
 */
export async function compromiseKey(house: KeyHouse, kid: string): Promise<boolean> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const records = await house.store.keys.list()
    const record = records.find((key) => key.kid === kid && signingAlgs.some((alg) => alg === key.alg))
    if (record === undefined) return false
    const now = Math.floor(house.runtime.now())
    await house.store.revocations.append({ kind: 'key', id: kid, at: now, expiresAt: now + house.schedule.keep })
    if (!(await appointHeir(house, record, records))) continue
    await house.store.keys.remove(kid)
    return true
  }
  throw new Error(`the keys changed again and again while "${kid}" was being taken away; try again`)
}

/** Sees to it that a key of this algorithm signs without `record`; false when somebody else changed it meanwhile. */
async function appointHeir(house: KeyHouse, record: KeyRecord, records: readonly KeyRecord[]): Promise<boolean> {
  const now = Math.floor(house.runtime.now())
  const alg = record.alg as SigningAlg
  if (record.retiresAt !== null && record.retiresAt <= now) return true
  const others = standing(records, alg, now).filter(({ kid }) => kid !== record.kid)
  const announced = others.find(({ signsAt }) => signsAt > now)
  const before = others.find(({ retiresAt }) => retiresAt === record.signsAt && retiresAt > now)
  const { store } = house
  if (before !== undefined) {
    return (await store.keys.update({ ...before, ...unending, version: before.version + 1 })) === 'updated'
  }
  if (announced !== undefined) {
    return (await store.keys.update({ ...announced, signsAt: now, version: announced.version + 1 })) === 'updated'
  }
  const ended = { ...record, retiresAt: now, dropsAt: now, version: record.version + 1 }
  return (await store.keys.succeed(ended, await makeKey(alg, now, house))) === 'succeeded'
}

const unending = { retiresAt: null, dropsAt: null } as const

/** After a key-encryption key was put before the older ones. A record that another node changed meanwhile waits for the next round. */
async function sealAgain({ store, vault }: KeyHouse): Promise<void> {
  for (const record of await store.keys.list()) {
    const opened = await vault.open(record.sealedPrivateJwk, record.kid)
    if (opened === null || opened.current) continue
    const sealedPrivateJwk = await vault.seal(opened.plain, record.kid)
    await store.keys.update({ ...record, sealedPrivateJwk, version: record.version + 1 })
  }
}
