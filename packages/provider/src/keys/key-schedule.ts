import { defaultLifetimes, type Lifetimes } from '../config.ts'
import type { KeyRecord } from '../store/store.ts'

/** When keys change. Seconds. */
export interface KeySchedule {
  /** How long a key signs. */
  readonly rotate: number
  /** How long before it signs a key is published: longer than anyone may keep a JWK Set. */
  readonly announce: number
  /** How long a key is published and believed after it last signed: no shorter than what it signed may live. */
  readonly keep: number
}

/** How long others may keep the JWK Set, in seconds. */
export const jwksMaxAge = 300

/** How often a node reads the keys again at the latest, in seconds. */
export const rereadSeconds = 15

/** Two readers in a row may be late: the node that answers and the client that keeps. */
export const shortestAnnounce = jwksMaxAge + 4 * rereadSeconds

const day = 86_400
const defaults = { rotate: 90 * day, announce: day }

/** A retired key stays as long as anything that it signed, and as long as a session, whose ID tokens are shown at sign-out. */
export function keySchedule(given: Partial<KeySchedule>, lifetimes: Lifetimes): KeySchedule {
  return { ...defaults, keep: leastKeep(lifetimes), ...given }
}

function leastKeep({ access_token, id_token, session }: Lifetimes): number {
  return Math.max(access_token, id_token, session) + jwksMaxAge
}

/** What is wrong with the schedule, each with its place and its fix. */
export function* keyScheduleProblems(options: {
  readonly keySchedule?: Partial<KeySchedule>
  readonly lifetimes?: Partial<Lifetimes>
}): Generator<string> {
  const lifetimes = { ...defaultLifetimes, ...options.lifetimes }
  const { rotate, announce, keep } = keySchedule(options.keySchedule ?? {}, lifetimes)
  for (const [name, seconds] of Object.entries({ rotate, announce, keep })) {
    if (!Number.isSafeInteger(seconds)) yield `keySchedule.${name}: must be a whole number of seconds, not ${seconds}`
  }
  if (announce < shortestAnnounce) {
    yield `keySchedule.announce: ${announce} is too short; others may keep the key set for a while, so make it at least ${shortestAnnounce}`
  }
  if (rotate <= announce) {
    yield `keySchedule.rotate: ${rotate} must be longer than announce (${announce}); otherwise two keys would be announced at once`
  }
  const least = Math.max(lifetimes.access_token, lifetimes.id_token) + jwksMaxAge
  if (keep < least) {
    yield `keySchedule.keep: ${keep} is too short; tokens signed last would outlive their key, so make it at least ${least}`
  }
}

/** The keys of one algorithm that still stand, the one that signs last at the end. */
export function standing(records: readonly KeyRecord[], alg: string, now: number): readonly KeyRecord[] {
  return records
    .filter((record) => record.alg === alg && (record.dropsAt === null || record.dropsAt > now))
    .sort((a, b) => a.signsAt - b.signsAt)
}

/** Whether it is time to announce who follows. */
export function isDue(newest: KeyRecord, now: number, { rotate, announce }: KeySchedule): boolean {
  return newest.retiresAt === null && now >= newest.signsAt + rotate - announce
}

/** From when the successor of `newest` signs, when it is announced now. */
export function successionAt(newest: KeyRecord, now: number, { rotate, announce }: KeySchedule): number {
  return Math.max(Math.ceil(now) + announce, newest.signsAt + rotate)
}

/** A key that gives way at `at`. */
export function retired(record: KeyRecord, at: number, { keep }: KeySchedule): KeyRecord {
  return { ...record, retiresAt: at, dropsAt: at + keep, version: record.version + 1 }
}

export type KeyState = 'announced' | 'signing' | 'retired'

export function stateOf(record: KeyRecord, now: number): KeyState {
  if (now < record.signsAt) return 'announced'
  return record.retiresAt === null || now < record.retiresAt ? 'signing' : 'retired'
}
