import { createRecentlyUsed, OAuthError, type Runtime } from '@latchkey/protocol'
import { sha256 } from '../crypto.ts'
import type { Parts } from '../parts.ts'
import type { AttemptLimit } from '../pending/attempts.ts'
import { addressBlock } from './address-block.ts'

export const defaultWrongSecrets: AttemptLimit = { most: 20, windowSeconds: 300 }

/** What the limit can be: every wrong secret within it is a row in the store. */
export const wrongSecretBounds = { most: [1, 1000], windowSeconds: [1, 86_400] } as const

export function* wrongSecretProblems(limit: Partial<AttemptLimit> = {}): Generator<string> {
  for (const [name, value] of Object.entries({ ...defaultWrongSecrets, ...limit })) {
    const bounds = wrongSecretBounds[name as keyof AttemptLimit]
    if (bounds === undefined) yield `wrongSecrets.${name}: unknown; known are most, windowSeconds`
    else if (!Number.isInteger(value) || value < bounds[0] || value > bounds[1])
      yield `wrongSecrets.${name}: must be a whole number from ${bounds[0]} to ${bounds[1]}, not ${value}`
  }
}

/** A wrong secret that somebody sent, or what was made with one. */
export interface Guess {
  readonly clientId: string
  /** Whether there is such a client; guesses at any other are counted in this process alone, and answered the same. */
  readonly isKnown: boolean
  readonly request: Request
  /** The secret, or the signature. */
  readonly sent: string
}

/**
 * Counts wrong secrets by client and address; a right one costs nothing. The same one counts once, so that a client that
 * was given a wrong secret and tries on is not taken for one that guesses. @spec RFC 6749 §2.3.1
 */
export interface WrongSecrets {
  /** Before a secret is compared. @throws OAuthError `temporarily_unavailable` (429) where too many were wrong */
  check(clientId: string, request: Request): void
  /** After it turned out wrong. @throws OAuthError `temporarily_unavailable` (429) when it was one too many */
  count(parts: Counting, guess: Guess): Promise<void>
}

type Counting = Pick<Parts, 'store' | 'emit' | 'runtime'>

interface Options {
  readonly limit: AttemptLimit
  /** Null: the address of this request is not known, or may be the same for everybody. */
  readonly clientAddress: (request: Request) => string | null
  readonly runtime: Pick<Runtime, 'now'>
}

/** What one address did to one client within one window, as this process knows it. */
interface Tally {
  readonly window: number
  readonly endsAt: number
  readonly most: number
  /** The first of them, as hashes. */
  readonly seen: Set<string>
  /** The key of the places that all nodes share; null counts here alone. */
  readonly place: string | null
  /** For logs. */
  readonly name: string
  taken: number
  isOver: boolean
}

/** The one not used for longest makes room: the store still knows which places are taken. */
const remembered = 10_000
/** Who was given a wrong secret has one or two of them; who guesses does not send the same again. */
const longestSeen = 20
/** Where addresses are not known, everybody's guesses at a client count together: times so many. */
const forEverybody = 50

export function createWrongSecrets({ limit, clientAddress, runtime }: Options): WrongSecrets {
  const tallies = createRecentlyUsed<Tally>(remembered)
  /** Until then somebody is refused somewhere; while nobody is, a secret costs one comparison of numbers. */
  let refusesUntil = 0
  const windowNow = () => Math.floor(runtime.now() / limit.windowSeconds)
  const sourceOf = (request: Request) => {
    const address = clientAddress(request)
    return address === null ? null : addressBlock(address)
  }
  function tallyOf(guess: Guess): Tally {
    const source = sourceOf(guess.request)
    const key = keyOf(guess.clientId, source)
    const window = windowNow()
    const known = tallies.get(key)
    if (known?.window === window) return known
    const tally = newTally(guess, { source, window, limit })
    tallies.set(key, tally)
    return tally
  }
  return {
    check(clientId, request) {
      if (runtime.now() >= refusesUntil) return
      const source = sourceOf(request)
      // Not where others may have the same address: they could keep the client out.
      const tally = source === null ? undefined : tallies.get(keyOf(clientId, source))
      if (tally?.isOver === true && tally.window === windowNow()) throw tooMany(tally, runtime.now())
    },
    async count(parts, guess) {
      const tally = tallyOf(guess)
      if (isAgain(tally, guess.sent)) return
      const isWithin = !tally.isOver && (await takePlace(parts, tally))
      if (tally.taken >= tally.most && !tally.isOver) {
        tally.isOver = true
        refusesUntil = tally.endsAt
        tell(parts, guess, tally)
      }
      if (!isWithin) throw tooMany(tally, runtime.now())
    },
  }
}

/** Names that nobody has may be long. */
function keyOf(clientId: string, source: string | null): string {
  return `${source ?? ''} ${clientId.length > 200 ? sha256(clientId) : clientId}`
}

function newTally(
  { clientId, isKnown }: Guess,
  { source, window, limit }: { source: string | null; window: number; limit: AttemptLimit },
): Tally {
  const { most, windowSeconds } = limit
  return {
    window,
    endsAt: (window + 1) * windowSeconds,
    most: source === null ? most * forEverybody : most,
    seen: new Set<string>(),
    // What no node refuses for need not be known to every node.
    place: source === null || !isKnown ? null : `wrong secret ${sha256(keyOf(clientId, source))} ${window}`,
    name: `${isKnown ? `client "${clientId}"` : 'an unknown client'}, from ${source ?? 'addresses that are not known'}`,
    taken: 0,
    isOver: false,
  }
}

function isAgain({ seen, isOver }: Tally, sent: string): boolean {
  const print = sha256(sent).slice(0, 16)
  if (seen.has(print)) return !isOver
  if (seen.size < longestSeen) seen.add(print)
  return false
}

/** Those that other nodes took are passed over; false when none is left. */
async function takePlace({ store, runtime }: Counting, tally: Tally): Promise<boolean> {
  while (tally.taken < tally.most) {
    const number = tally.taken++
    if (tally.place === null) return true
    const now = Math.floor(runtime.now())
    if (await store.replays.remember(`${tally.place} ${number}`, tally.endsAt, now)) return true
  }
  return false
}

/** @spec RFC 6585 §4 */
function tooMany({ name, endsAt }: Tally, now: number): OAuthError {
  const details = { status: 429, retryAfterSeconds: endsAt - now, detail: `too many wrong secrets for ${name}` }
  return new OAuthError('temporarily_unavailable', 'too many wrong client secrets; wait, then try again', details)
}

/** Once a window. */
function tell({ emit, runtime }: Counting, { clientId, isKnown }: Guess, { most, name }: Tally): void {
  emit({
    type: 'client.secret-guessed-at',
    at: runtime.now(),
    requestId: 'wrong secrets',
    ...(isKnown ? { clientId } : {}),
    detail: `${most} different wrong secrets for ${name}`,
  })
}
