import type { Runtime } from '@latchkey/protocol'
import { sha256 } from '../crypto.ts'

/** What a browser holds of its session: an opaque id and one half of the key that opens the tokens. */
export interface SessionCookie {
  readonly value: string
  /** Under which the session is stored; says nothing about the cookie. */
  readonly hash: string
  readonly halfKey: string
}

const timePrefixLength = 11
const pattern = /^([0-9a-f]{11}[A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/

/** A session id that nobody has seen before: 44 bits of time, then 256 random bits; and 256 bits of key. */
export function newSessionCookie(runtime: Runtime): SessionCookie {
  const time = Math.floor(runtime.now() * 1000)
    .toString(16)
    .padStart(timePrefixLength, '0')
  const random = () => Buffer.from(runtime.randomBytes(32)).toString('base64url')
  const id = time + random()
  const halfKey = random()
  return { value: `${id}.${halfKey}`, hash: storageKey(id), halfKey }
}

/** The parts of a cookie's value, or null when it cannot be one of ours. */
export function parseSessionCookie(value: string | undefined): SessionCookie | null {
  const match = value === undefined ? null : pattern.exec(value)
  if (match === null) return null
  const [, id = '', halfKey = ''] = match
  return { value: match[0], hash: storageKey(id), halfKey }
}

/** The time prefix keeps rows in the order of their making, which is what makes inserts cheap. */
function storageKey(id: string): string {
  return id.slice(0, timePrefixLength) + sha256(id)
}
