import type { ClientMetadata, Runtime } from '@latchkey/protocol'
import { createRecentlyUsed, jwksProblems } from '@latchkey/protocol'
import { type Outbound, OutboundError } from '../outbound/outbound.ts'

export type Jwk = Readonly<Record<string, unknown>>
type KeyedClient = Pick<ClientMetadata, 'jwks' | 'jwks_uri'>

/** The public keys that clients registered, by value or by reference. */
export interface ClientKeys {
  /** Perhaps minutes old. @throws OutboundError when they were never fetched and cannot be now */
  of(client: KeyedClient): Promise<readonly Jwk[]>
  /** As they stand now, or null where that was just asked or nothing can have changed. @throws OutboundError */
  renewed(client: KeyedClient): Promise<readonly Jwk[] | null>
}

/** Seconds that fetched keys count without asking again. */
const freshSeconds = 300
/**
 * How often one address is asked within so many seconds, however many unknown `kid`s are presented: a client that takes
 * another key right after it was first seen is believed at once. One that fails is left alone for as long.
 */
const mostAsks = 3
const coolDownSeconds = 30
/** Seconds that keys count while their address does not answer. */
const staleSeconds = 3600
const mostAddresses = 1000

interface Kept {
  keys: readonly Jwk[] | null
  fetchedAt: number
  /** When it was asked, oldest first, as far as that still counts. */
  asks: readonly number[]
  failed: boolean
  asking: Promise<readonly Jwk[]> | null
}

export function createClientKeys({ outbound, runtime }: { outbound: Outbound; runtime: Runtime }): ClientKeys {
  const kept = createRecentlyUsed<Kept>(mostAddresses)
  return {
    async of({ jwks, jwks_uri: uri }) {
      if (uri === undefined) return jwks?.keys ?? []
      const entry = entryOf(uri)
      const age = runtime.now() - entry.fetchedAt
      if (entry.keys !== null && age < freshSeconds) return entry.keys
      if (entry.keys !== null && age < staleSeconds && coolsDown(entry)) return entry.keys
      try {
        return await ask(uri, entry)
      } catch (error) {
        if (entry.keys !== null && age < staleSeconds) return entry.keys
        throw error
      }
    },
    async renewed({ jwks_uri: uri }) {
      if (uri === undefined) return null
      const entry = entryOf(uri)
      if (entry.asking !== null) return entry.asking
      return coolsDown(entry) ? null : ask(uri, entry)
    },
  }

  function coolsDown(entry: Kept): boolean {
    entry.asks = entry.asks.filter((at) => runtime.now() - at < coolDownSeconds)
    return entry.asks.length >= (entry.failed ? 1 : mostAsks)
  }

  /** One request for all who ask at the same time; an address that failed is left alone for a while. */
  function ask(uri: string, entry: Kept): Promise<readonly Jwk[]> {
    if (entry.asking !== null) return entry.asking
    if (entry.keys === null && coolsDown(entry)) {
      return Promise.reject(new OutboundError('unreachable', 'the keys could not be fetched a moment ago'))
    }
    entry.asks = [...entry.asks, runtime.now()]
    entry.failed = true
    entry.asking = fetchKeys(outbound, uri)
      .then((keys) => {
        entry.keys = keys
        entry.fetchedAt = runtime.now()
        entry.failed = false
        return keys
      })
      .finally(() => {
        entry.asking = null
      })
    return entry.asking
  }

  function entryOf(uri: string): Kept {
    const known = kept.get(uri)
    if (known !== undefined) return known
    const entry: Kept = { keys: null, fetchedAt: 0, asks: [], failed: false, asking: null }
    kept.set(uri, entry)
    return entry
  }
}

/** @spec RFC 7517 §5, §8.5 */
async function fetchKeys(outbound: Outbound, uri: string): Promise<readonly Jwk[]> {
  const answer = await outbound.send(uri, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    contentTypes: ['application/json', 'application/jwk-set+json'],
  })
  const { host } = new URL(uri)
  if (answer.status !== 200) throw new OutboundError('unreachable', `${host} answered with status ${answer.status}`)
  const jwks = parsed(answer.body)
  if (typeof jwks !== 'object' || jwks === null || !('keys' in jwks) || !Array.isArray(jwks.keys)) {
    throw new OutboundError('unreachable', `${host} did not answer with a JWK Set`)
  }
  // One key that cannot be used does not take the others down.
  return jwks.keys.filter((key) => [...jwksProblems({ keys: [key] })].length === 0)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
