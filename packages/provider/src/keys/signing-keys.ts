import { ConfigError, type Runtime, type SigningAlg } from '@latchkey/protocol'
import { newId } from '../crypto.ts'
import type { SigningKeys } from '../parts.ts'
import type { KeyRecord, Store } from '../store/store.ts'
import { compromiseKey, type KeyChange, type KeyHouse, maintainKeys, rotateKey } from './change-keys.ts'
import type { KeyVault } from './key-encryption.ts'
import { createKeyRing, type KeyRing, kidOf } from './key-ring.ts'
import { isDue, type KeySchedule, type KeyState, rereadSeconds, standing, stateOf } from './key-schedule.ts'
import { doesNotOpen } from './provider-secret.ts'
import { makeKey, openKey, type SigningKey } from './signing-key.ts'

export interface KeyOptions {
  readonly store: Pick<Store, 'keys' | 'leases' | 'revocations'>
  readonly vault: KeyVault
  readonly runtime: Runtime
  readonly schedule: KeySchedule
  /** Algorithms whose keys are made before anything is signed; others follow when first needed. */
  readonly algs: readonly SigningAlg[]
  readonly onChange?: (change: KeyChange) => void
  readonly onError?: (error: unknown) => void
}

/** One signing key as its keeper sees it. Instants are epoch seconds. */
export interface KeyStatus extends Pick<KeyRecord, 'kid' | 'alg' | 'createdAt' | 'signsAt' | 'retiresAt' | 'dropsAt'> {
  readonly state: KeyState
}

/** What a provider's keeper may do with its signing keys. */
export interface KeyControl {
  /** By algorithm, then in the order in which they sign. */
  list(): Promise<readonly KeyStatus[]>
  /** Announces a successor now. @returns its kid (or that of the one announced already), or null where there is no key */
  rotate(alg: SigningAlg): Promise<string | null>
  /** Ends a key at once and lets another sign. @returns false when there is no such key */
  compromise(kid: string): Promise<boolean>
}

export interface KeyKeeper extends SigningKeys {
  readonly control: KeyControl
  close(): Promise<void>
}

const leaseName = 'signing-keys'
const leaseSeconds = 60
/** A revocation may be a key's: then the keys are read again, once for all that come together. */
const noticeSeconds = 1
/** A kid that nobody knows makes us read the store again, but not more often than this. */
const unknownKidSeconds = 5

/**
 * Opens the signing keys, making those that are missing, and keeps them: one node changes them, every node follows.
 * @throws ConfigError when the stored keys do not open
 */
export async function loadSigningKeys(options: KeyOptions): Promise<KeyKeeper> {
  const { store, runtime, onError = () => {} } = options
  const holder = newId(runtime)
  let ring: KeyRing = createKeyRing([])
  let reading: Promise<void> | null = null
  let unknownKidAt = Number.NEGATIVE_INFINITY
  let stopped = false
  let working: Promise<void> = Promise.resolve()
  const house: KeyHouse = options

  async function read(): Promise<void> {
    const known = new Map(ring.keys.map((key) => [key.record.kid, key]))
    const opened = await Promise.all((await store.keys.list()).map((record) => reopen(known, record, options.vault)))
    ring = createKeyRing(opened.filter((key) => key !== null))
  }
  function reread(): Promise<void> {
    reading ??= read().finally(() => {
      reading = null
    })
    return reading
  }
  async function make(alg: SigningAlg): Promise<void> {
    await store.keys.ensure(await makeKey(alg, Math.floor(runtime.now()), house))
    await read()
    if (!ring.has(alg)) throw new Error(`no ${alg} key of the store opens under this node's key-encryption key`)
  }
  async function tick(): Promise<void> {
    await reread()
    if (!needsWork(ring, options)) return
    const lease = { now: Math.floor(runtime.now()), seconds: leaseSeconds }
    if ((await store.leases.acquire(leaseName, holder, lease)) === null) return
    await changing(() => maintainKeys(house))
  }
  async function changing(work: () => Promise<readonly KeyChange[]>): Promise<void> {
    const changes = await work()
    await read()
    for (const change of changes) options.onChange?.(change)
  }

  await read()
  const closed = ring.keys.find((key) => key.privateKey === null)
  if (closed !== undefined) throw new ConfigError([doesNotOpen(closed.record.kid)])
  for (const alg of options.algs) if (!ring.has(alg)) await make(alg)
  let cancel = runtime.schedule(0, round)
  let noticed = false
  const unsubscribe = store.revocations.subscribe(() => {
    if (noticed || stopped) return
    noticed = true
    runtime.schedule(noticeSeconds, () => {
      noticed = false
      if (!stopped) reread().catch(onError)
    })
  })
  function round(): void {
    working = tick()
      .catch(onError)
      .then(() => {
        if (!stopped) cancel = runtime.schedule(rereadSeconds, round)
      })
  }

  return {
    ensure: (alg) => (ring.has(alg) ? undefined : make(alg)),
    sign: (alg, payload, header = { typ: 'JWT' }) => ring.sign(alg, { payload, header, now: runtime.now() }),
    verify: (jwt, typ) => ring.verify(jwt, typ, runtime.now()),
    async verifyAnew(jwt, typ) {
      const kid = kidOf(jwt)
      const now = runtime.now()
      if (kid === null || ring.knows(kid) || now < unknownKidAt + unknownKidSeconds) return null
      unknownKidAt = now
      await reread()
      return ring.verify(jwt, typ, now)
    },
    jwks: () => ring.jwks(runtime.now()),
    control: keyControl(house, changing),
    async close() {
      stopped = true
      cancel()
      unsubscribe()
      await working
    },
  }
}

/** The functions a keeper of the keys calls; `changing` lets this node see at once what was done. */
export function keyControl(
  house: KeyHouse,
  changing: (work: () => Promise<readonly KeyChange[]>) => Promise<void>,
): KeyControl {
  return {
    async list() {
      const now = house.runtime.now()
      const keys = (await house.store.keys.list()).flatMap((record) => statusOf(record, now))
      return keys.sort((a, b) => a.alg.localeCompare(b.alg) || a.signsAt - b.signsAt)
    },
    async rotate(alg) {
      let kid: string | null = null
      await changing(async () => {
        const before = new Set((await house.store.keys.list()).map((key) => key.kid))
        kid = await rotateKey(house, alg)
        return kid === null || before.has(kid) ? [] : [{ type: 'key.announced', kid }]
      })
      return kid
    },
    async compromise(kid) {
      let found = false
      await changing(async () => {
        found = await compromiseKey(house, kid)
        return found ? [{ type: 'key.compromised', kid }] : []
      })
      return found
    },
  }
}

function statusOf(record: KeyRecord, now: number): readonly KeyStatus[] {
  const { kid, alg, createdAt, signsAt, retiresAt, dropsAt } = record
  if (Object.keys(record.publicJwk).length === 0 || (dropsAt !== null && dropsAt <= now)) return []
  return [{ kid, alg, createdAt, signsAt, retiresAt, dropsAt, state: stateOf(record, now) }]
}

/** What has not changed stays open, so that reading again costs nothing. */
async function reopen(
  known: ReadonlyMap<string, SigningKey>,
  record: KeyRecord,
  vault: KeyVault,
): Promise<SigningKey | null> {
  const before = known.get(record.kid)
  return before !== undefined && before.record.version === record.version ? before : openKey(record, vault)
}

/** Only a node that sees something to do asks for the lease. */
function needsWork({ keys }: KeyRing, { runtime, schedule }: KeyOptions): boolean {
  const now = runtime.now()
  const records = keys.map((key) => key.record)
  if (keys.some((key) => !key.sealIsCurrent || (key.record.dropsAt !== null && key.record.dropsAt <= now))) return true
  return keys.some(({ alg }) => {
    const newest = standing(records, alg, now).at(-1)
    return newest !== undefined && isDue(newest, now, schedule)
  })
}
