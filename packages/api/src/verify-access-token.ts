import { type AccessTokenClaims, OAuthError } from '@latchkey/protocol'
import { type AccessToken, accessToken } from './access-token.ts'
import { type AcceptedTypes, type AccessTokenHeader, isCompactJwt, readCompactJwt } from './compact-jwt.ts'
import type { GuardEvent } from './guard-event.ts'
import { createIssuerPart, type IssuerPart } from './issuer-part.ts'
import { createKnownTokens, deepFreeze } from './known-tokens.ts'
import { type AccessTokenVerifierOptions, readOptions, type VerifierSettings } from './options.ts'
import { shown } from './shown.ts'
import { refuseBoundToken } from './token-binding.ts'

const longestToken = 16 * 1024
const acceptedTypes: Readonly<Record<VerifierSettings['profile'], AcceptedTypes>> = {
  rfc9068: new Set(['at+jwt']),
  loose: new Set(['at+jwt', 'jwt', undefined]),
}

const verifiedFirst: GuardEvent = Object.freeze({ type: 'verified', known: false })
const verifiedAgain: GuardEvent = Object.freeze({ type: 'verified', known: true })

export interface AccessTokenVerifier {
  /**
   * Verifies an access token that came as a bearer token; one bound to a key is refused.
   * @throws OAuthError `invalid_token`; ProtocolError `keys_unavailable` while the provider cannot be reached
   * @spec RFC 9068 §4
   */
  verify(token: string): Promise<AccessToken>
  /** Ends the revocation feed. */
  close(): Promise<void>
}

/** What verification alone yields: whether its bearer may use it is not yet judged. */
export interface VerifiedToken {
  readonly header: AccessTokenHeader
  readonly payload: AccessTokenClaims
  readonly source: IssuerPart
}

/** The verifier inside a guard. */
export interface TokenJudge {
  /** A token seen before that any bearer may use, now; undefined for every other, which is `verify`'s to judge. */
  recognize(token: string): VerifiedToken | undefined
  verify(token: string): Promise<VerifiedToken>
  readonly issuers: readonly IssuerPart[]
  close(): Promise<void>
}

/** Verifies with the keys that the issuer publishes. @throws ConfigError with every problem of the options */
export function createAccessTokenVerifier(options: AccessTokenVerifierOptions): AccessTokenVerifier {
  const judge = createTokenJudge(readOptions(options))
  return {
    async verify(token) {
      const verified = judge.recognize(token) ?? (await judge.verify(token))
      refuseBoundToken(verified.payload)
      return accessToken(verified, { token, scheme: 'Bearer' })
    },
    close: () => judge.close(),
  }
}

export function createTokenJudge(settings: VerifierSettings): TokenJudge {
  const { runtime, onEvent, expiryToleranceSeconds } = settings
  const issuers = settings.issuers.map((issuer) => createIssuerPart(issuer, settings))
  const byName = new Map(issuers.map((part) => [part.issuer, part]))
  const knownTokens = createKnownTokens<IssuerPart>(settings.rememberedTokens)
  const types = acceptedTypes[settings.profile]

  function recognize(token: string): VerifiedToken | undefined {
    const known = knownTokens.find(token)
    if (known === undefined || 'cnf' in known.payload) return undefined
    const now = runtime.now()
    if (known.payload.exp + expiryToleranceSeconds <= now) return undefined
    if (!known.source.holds(known, now) || !known.source.isClear(known, now)) return undefined
    onEvent(verifiedAgain)
    return known
  }

  async function verify(token: string): Promise<VerifiedToken> {
    if (token.length > longestToken) {
      throw new OAuthError('invalid_token', `the access token is longer than ${longestToken} characters`)
    }
    const known = knownTokens.find(token)
    if (known?.source.holds(known, runtime.now())) {
      await known.source.judgeAgain(known)
      onEvent(verifiedAgain)
      return known
    }
    return isCompactJwt(token) ? verifyJwt(token) : verifyOpaque(token)
  }

  async function verifyJwt(token: string): Promise<VerifiedToken> {
    const jwt = readCompactJwt(token, types)
    const source = byName.get(jwt.payload.iss as string)
    if (source === undefined) {
      const detail = `iss is ${shown(jwt.payload.iss)}`
      throw new OAuthError('invalid_token', 'the access token is from another issuer', { detail })
    }
    const { key, payload } = await source.verifyJwt(jwt)
    const verified = { token, header: jwt.header, payload, key, source, heldIn: null, clearedAt: -1 }
    knownTokens.add(verified)
    if (!source.isClear(verified, runtime.now())) await source.judgeAgain(verified)
    onEvent(verifiedFirst)
    return verified
  }

  /**
   * A token that is no JWT says nothing of its issuer: each that answers questions is asked. One that cannot be asked keeps
   * nobody else from saying yes, but then nobody knows that the answer is no.
   */
  async function verifyOpaque(token: string): Promise<VerifiedToken> {
    const asked = issuers.filter((part) => part.introspects)
    if (asked.length === 0) readCompactJwt(token, types)
    const failures: unknown[] = []
    for (const source of asked) {
      try {
        const answer = await source.introspect(token)
        if (answer === null) continue
        deepFreeze(answer.payload)
        onEvent(verifiedFirst)
        return { ...answer, source }
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
    throw new OAuthError('invalid_token', 'the access token is not active', { detail: 'introspection: not active' })
  }

  return {
    recognize,
    verify,
    issuers,
    close: async () => void (await Promise.all(issuers.map((part) => part.close()))),
  }
}
