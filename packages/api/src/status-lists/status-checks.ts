import {
  type AccessTokenClaims,
  createRecentlyUsed,
  OAuthError,
  ProtocolError,
  type Runtime,
  readStatusReference,
  type StatusReference,
  statusAt,
  statusListType,
  statusValues,
} from '@latchkey/protocol'
import { fetchText } from '../fetch-json.ts'
import type { GuardEvent } from '../guard-event.ts'
import type { KeySource } from '../key-source.ts'
import { type StatusListOptions, statusListDefaults } from './options.ts'
import { readStatusList, type StatusList } from './read-status-list.ts'

/** Judges tokens by the status lists that they name. */
export interface StatusChecks {
  /** Whether the token's status is held at `now` and valid. */
  isValid(claims: AccessTokenClaims, now: number): boolean
  /**
   * Fetches the list first where it is not held.
   * @throws OAuthError `invalid_token`; ProtocolError while the list cannot be had
   * @spec Token Status List §8.3
   */
  check(claims: AccessTokenClaims): Promise<void>
}

interface ChecksOptions {
  readonly keySource: KeySource
  readonly options: StatusListOptions
  readonly algorithms: ReadonlySet<string>
  readonly runtime: Runtime
  readonly onError: (error: unknown) => void
  readonly onEvent: (event: GuardEvent) => void
}

interface Held {
  readonly list: StatusList
  readonly fetchedAt: number
  readonly freshUntil: number
}

interface Failure {
  readonly error: unknown
  readonly attempts: number
  readonly retryAt: number
}

/** For a list that does not say. */
const usualTtl = 60
const longestPause = 30
const longestAnswer = 2 * 1024 * 1024

export function createStatusChecks(given: ChecksOptions): StatusChecks {
  const { keySource, runtime, onError, onEvent, algorithms, options } = given
  const { maxAgeSeconds, largestList, heldLists } = { ...statusListDefaults, ...options }
  const origins = new Set([new URL(keySource.issuer).origin, ...(options.origins ?? [])])
  const lists = createRecentlyUsed<Held>(heldLists)
  const failures = createRecentlyUsed<Failure>(heldLists)
  const inFlight = new Map<string, Promise<StatusList>>()

  async function fetchList(uri: string): Promise<StatusList> {
    const headers = { accept: `application/${statusListType}` }
    const answer = await fetchText(runtime, uri, { headers, longest: longestAnswer })
    if (answer === 'not found' || !isStatusList(answer.contentType)) {
      throw new ProtocolError('response_invalid', `${uri} has no status list`, { retryable: true })
    }
    const now = runtime.now()
    const fetched = await readStatusList(answer.text, { uri, keySource, algorithms, largestList, now })
    const before = lists.get(uri)
    // A copy from somewhere behind never takes back what is known already.
    const list = before !== undefined && before.list.iat > fetched.iat ? before.list : fetched
    lists.set(uri, { list, fetchedAt: now, freshUntil: now + Math.min(maxAgeSeconds, fetched.ttl ?? usualTtl) })
    failures.delete(uri)
    onEvent({ type: 'status-list', fetched: true })
    return list
  }

  function remember(uri: string, error: unknown): StatusList {
    const attempts = (failures.get(uri)?.attempts ?? 0) + 1
    const retryAt = runtime.now() + Math.min(longestPause, 2 ** (attempts - 1))
    failures.set(uri, { error, attempts, retryAt })
    onError(error)
    onEvent({ type: 'status-list', fetched: false })
    return instead(uri, error)
  }

  /** What is held serves while nothing newer can be had, as long as it may. */
  function instead(uri: string, error: unknown): StatusList {
    const held = lists.get(uri)
    const now = runtime.now()
    if (held !== undefined && now < Math.min(held.list.exp, held.fetchedAt + maxAgeSeconds)) return held.list
    throw error
  }

  async function load(uri: string): Promise<StatusList> {
    const failure = failures.get(uri)
    if (failure !== undefined && runtime.now() < failure.retryAt) return instead(uri, failure.error)
    const loading = inFlight.get(uri) ?? fetchList(uri).catch((error: unknown) => remember(uri, error))
    inFlight.set(uri, loading)
    try {
      return await loading
    } finally {
      inFlight.delete(uri)
    }
  }

  function current({ uri }: StatusReference, now: number): StatusList | undefined {
    const held = lists.get(uri)
    return held !== undefined && now < Math.min(held.freshUntil, held.list.exp) ? held.list : undefined
  }

  return {
    isValid(claims, now) {
      const reference = readStatusReference(claims)
      if (reference === undefined) return options.required !== true
      const list = reference === null ? undefined : current(reference, now)
      return list !== undefined && reference !== null && valueIn(list, reference) === statusValues.valid
    },
    async check(claims) {
      const reference = readStatusReference(claims)
      if (reference === undefined) {
        if (options.required === true) throw invalid('the access token names no status list')
        return
      }
      if (reference === null) throw invalid('the access token has a malformed claim', 'status is malformed')
      const { origin } = new URL(reference.uri)
      if (!origins.has(origin)) {
        const detail = `its list is at ${origin}; statusLists.origins does not name that`
        throw invalid('the status of the access token cannot be looked up here', detail)
      }
      judge(current(reference, runtime.now()) ?? (await load(reference.uri)), reference)
    },
  }
}

function valueIn({ bytes, bits }: StatusList, { idx }: StatusReference): number | undefined {
  return statusAt(bytes, bits, idx)
}

/** @spec Token Status List §7.1, §8.3 */
function judge(list: StatusList, reference: StatusReference): void {
  const { idx, uri } = reference
  const status = valueIn(list, reference)
  if (status === statusValues.valid) return
  if (status === statusValues.invalid) throw invalid('the access token was revoked')
  if (status === statusValues.suspended) throw invalid('the access token is suspended')
  throw invalid('the access token has no status', `${uri} has ${status ?? 'nothing'} at ${idx}`)
}

function isStatusList(type: string | null): boolean {
  return type?.split(';', 1)[0]?.trim().toLowerCase() === `application/${statusListType}`
}

function invalid(description: string, detail?: string): OAuthError {
  return new OAuthError('invalid_token', description, detail === undefined ? {} : { detail })
}
