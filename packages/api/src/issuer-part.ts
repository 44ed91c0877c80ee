import { type AccessTokenClaims, OAuthError } from '@latchkey/protocol'
import { checkClaims, checkIntrospected, type ExpectedClaims } from './check-claims.ts'
import { type AccessTokenHeader, type CompactJwt, requireAlgorithm } from './compact-jwt.ts'
import { findSigningKey } from './find-key.ts'
import { createIntrospector } from './introspection.ts'
import type { KeySet, VerificationKey } from './jwks.ts'
import { createKeySource } from './key-source.ts'
import type { IssuerSettings, VerifierSettings } from './options.ts'
import { createRevocationFeed, type RevocationFeed } from './revocations/feed.ts'
import { createStatusChecks, type StatusChecks } from './status-lists/status-checks.ts'

interface Verified {
  readonly header: AccessTokenHeader
  readonly payload: AccessTokenClaims
}

/** A verified JWT, with what was last found of its key and its revocation. */
interface Judged extends Verified {
  readonly token: string
  readonly key: VerificationKey
  heldIn: KeySet | null
  clearedAt: number
}

/** One provider as the guard sees it: its keys, its introspection endpoint, its revocation feed. */
export interface IssuerPart {
  readonly issuer: string
  readonly introspects: boolean
  readonly feed: RevocationFeed | null
  readonly statuses: StatusChecks | null
  /** Whether the key that verified a token is still the provider's at `now`, as far as is known without asking. */
  holds(token: Judged, now: number): boolean
  /** Whether it is known at `now`, without asking, that nothing took the token back. */
  isClear(token: Judged, now: number): boolean
  /** @throws OAuthError `invalid_token`; ProtocolError `keys_unavailable` */
  verifyJwt(jwt: CompactJwt): Promise<{ readonly key: VerificationKey; readonly payload: AccessTokenClaims }>
  /** Null when the token is not active. @throws ProtocolError while the provider cannot be asked */
  introspect(token: string): Promise<Verified | null>
  /** @throws OAuthError `invalid_token` for one that expired or was taken back; ProtocolError while that cannot be known */
  judgeAgain(token: Judged): Promise<void>
  close(): Promise<void>
}

export function createIssuerPart(own: IssuerSettings, settings: VerifierSettings): IssuerPart {
  const { runtime, onError, onEvent } = settings
  const { issuer, audiences, introspection = own.revocations } = own
  const keySource = createKeySource({ issuer, runtime, onError })
  const introspector = introspection === undefined ? null : createIntrospector(keySource, introspection, runtime)
  const feed =
    own.revocations === undefined
      ? null
      : createRevocationFeed({ keySource, options: own.revocations, runtime, onError, onEvent })
  const statuses =
    own.statusLists === undefined
      ? null
      : createStatusChecks({
          keySource,
          options: own.statusLists,
          algorithms: own.algorithms,
          runtime,
          onError,
          onEvent,
        })
  const expected = (): ExpectedClaims => ({ ...settings, issuer, audiences, now: runtime.now() })

  async function introspect(token: string): Promise<Verified | null> {
    const answer = await introspector?.ask(token)
    if (answer === null || answer === undefined) return null
    const payload = checkIntrospected(answer.payload, expected())
    if (feed?.covers(payload, undefined) === true) return null
    return { header: answer.header, payload }
  }

  /** Looked up again only when the feed brought something. */
  function isCovered(known: Judged, held: RevocationFeed): boolean {
    if (known.clearedAt === held.version) return false
    if (held.covers(known.payload, known.header.kid)) return true
    known.clearedAt = held.version
    return false
  }

  /** The feed is older than it may be. */
  async function judgeStale(token: string, held: RevocationFeed): Promise<void> {
    await held.ready()
    if (held.isFresh(runtime.now())) return
    const did = held.whenStale
    onEvent({ type: 'judged-stale', did })
    if (did === 'refuse') {
      const description = 'access tokens cannot be verified right now: revocations are not up to date'
      throw new OAuthError('temporarily_unavailable', description, { retryAfterSeconds: 5 })
    }
    if (did === 'introspect' && (await introspector?.ask(token)) === null) throw revoked()
  }

  return {
    issuer,
    introspects: own.introspection !== undefined,
    feed,
    statuses,
    introspect,
    holds(known, now) {
      const keys = keySource.current(now)
      if (keys === null || known.heldIn === keys) return keys !== null
      for (const held of keys.values()) if (held === known.key) known.heldIn = keys
      return known.heldIn === keys
    },
    isClear(known, now) {
      if (feed !== null && (!feed.isFresh(now) || isCovered(known, feed))) return false
      return statuses === null || statuses.isValid(known.payload, now)
    },
    async verifyJwt(jwt) {
      requireAlgorithm(jwt.header, own.algorithms)
      const key = await findSigningKey(jwt, keySource)
      const published = own.algorithmsGiven ? null : keySource.algorithms()
      if (published !== null) requireAlgorithm(jwt.header, published)
      return { key, payload: checkClaims(jwt.payload, expected()) }
    },
    async judgeAgain(known) {
      checkClaims(known.payload, expected())
      if (feed !== null) {
        if (!feed.isFresh(runtime.now())) await judgeStale(known.token, feed)
        if (isCovered(known, feed)) throw revoked()
      }
      await statuses?.check(known.payload)
    },
    close: async () => feed?.close(),
  }
}

function revoked(): OAuthError {
  return new OAuthError('invalid_token', 'the access token was revoked')
}
