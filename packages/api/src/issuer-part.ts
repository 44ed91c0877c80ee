import { type AccessTokenClaims, OAuthError } from '@latchkey/protocol'
import { checkClaims, checkIntrospected, type ExpectedClaims } from './check-claims.ts'
import { type AccessTokenHeader, type CompactJwt, requireAlgorithm } from './compact-jwt.ts'
import { findSigningKey } from './find-key.ts'
import { createIntrospector } from './introspection.ts'
import type { VerificationKey } from './jwks.ts'
import { createKeySource } from './key-source.ts'
import type { IssuerSettings, VerifierSettings } from './options.ts'
import { createRevocationFeed, type RevocationFeed } from './revocations/feed.ts'
import { createStatusChecks, type StatusChecks } from './status-lists/status-checks.ts'

interface Verified {
  readonly header: AccessTokenHeader
  readonly payload: AccessTokenClaims
}

interface Presented {
  readonly token: string
  readonly digest: string
}

/** One provider as the guard sees it: its keys, its introspection endpoint, its revocation feed. */
export interface IssuerPart {
  readonly issuer: string
  readonly introspects: boolean
  readonly feed: RevocationFeed | null
  readonly statuses: StatusChecks | null
  /** Whether a key that verified a token is still the provider's, as far as is known without asking. */
  holds(key: VerificationKey): boolean
  /** @throws OAuthError `invalid_token`; ProtocolError `keys_unavailable` */
  verifyJwt(jwt: CompactJwt): Promise<{ readonly key: VerificationKey; readonly payload: AccessTokenClaims }>
  /** Null when the token is not active. @throws ProtocolError while the provider cannot be asked */
  introspect(token: string, digest: string): Promise<Verified | null>
  /** Nothing when the token is clear at once; otherwise it may have to be asked about. @throws OAuthError `invalid_token` */
  refuseRevoked(known: Verified & { clearedAt: number }, presented: Presented): Promise<void> | undefined
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

  async function introspect(token: string, digest: string): Promise<Verified | null> {
    const answer = await introspector?.ask(token, digest)
    if (answer === null || answer === undefined) return null
    const payload = checkIntrospected(answer.payload, expected())
    if (feed?.covers(payload, undefined) === true) return null
    return { header: answer.header, payload }
  }

  /** The feed is older than it may be. */
  async function judgeStale({ token, digest }: Presented, held: RevocationFeed): Promise<void> {
    await held.ready()
    if (held.isFresh()) return
    const did = held.whenStale
    onEvent({ type: 'judged-stale', did })
    if (did === 'refuse') {
      const description = 'access tokens cannot be verified right now: revocations are not up to date'
      throw new OAuthError('temporarily_unavailable', description, { retryAfterSeconds: 5 })
    }
    if (did === 'introspect' && (await introspector?.ask(token, digest)) === null) throw revoked()
  }

  function refuseListed(known: Verified & { clearedAt: number }, presented: Presented): Promise<void> | undefined {
    if (feed === null) return undefined
    if (feed.isFresh()) {
      if (known.clearedAt === feed.version) return undefined
      if (feed.covers(known.payload, known.header.kid)) throw revoked()
      known.clearedAt = feed.version
      return undefined
    }
    return judgeStale(presented, feed).then(() => {
      if (feed.covers(known.payload, known.header.kid)) throw revoked()
    })
  }

  return {
    issuer,
    introspects: own.introspection !== undefined,
    feed,
    statuses,
    introspect,
    holds(key) {
      const keys = keySource.current()
      if (keys !== null) for (const held of keys.values()) if (held === key) return true
      return false
    },
    async verifyJwt(jwt) {
      requireAlgorithm(jwt.header, own.algorithms)
      const key = await findSigningKey(jwt, keySource)
      const published = own.algorithmsGiven ? null : keySource.algorithms()
      if (published !== null) requireAlgorithm(jwt.header, published)
      return { key, payload: checkClaims(jwt.payload, expected()) }
    },
    refuseRevoked(known, presented) {
      const clear = refuseListed(known, presented)
      if (statuses === null) return clear
      return clear === undefined ? statuses.check(known.payload) : clear.then(() => statuses.check(known.payload))
    },
    close: async () => feed?.close(),
  }
}

function revoked(): OAuthError {
  return new OAuthError('invalid_token', 'the access token was revoked')
}
