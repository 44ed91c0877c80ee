import { type AccessTokenClaims, OAuthError } from '@latchkey/protocol'
import { type AccessToken, accessToken } from './access-token.ts'
import { type AcceptedTypes, type AccessTokenHeader, isCompactJwt, readCompactJwt } from './compact-jwt.ts'
import { sha256 } from './crypto.ts'
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
  verify(token: string): Promise<VerifiedToken>
  readonly issuers: readonly IssuerPart[]
  close(): Promise<void>
}

/** Verifies with the keys that the issuer publishes. @throws ConfigError with every problem of the options */
export function createAccessTokenVerifier(options: AccessTokenVerifierOptions): AccessTokenVerifier {
  const judge = createTokenJudge(readOptions(options))
  return {
    async verify(token) {
      const verified = await judge.verify(token)
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

  async function verify(token: string): Promise<VerifiedToken> {
    if (token.length > longestToken) {
      throw new OAuthError('invalid_token', `the access token is longer than ${longestToken} characters`)
    }
    const digest = sha256(token)
    const known = knownTokens.find(digest)
    if (known !== undefined) {
      const isCurrent = known.payload.exp + expiryToleranceSeconds > runtime.now() && known.source.holds(known.key)
      if (isCurrent) {
        const clear = known.source.refuseRevoked(known, { token, digest })
        if (clear !== undefined) await clear
        onEvent({ type: 'verified', known: true })
        return known
      }
      knownTokens.forget(digest)
    }
    return isCompactJwt(token) ? verifyJwt(token, digest) : verifyOpaque(token, digest)
  }

  async function verifyJwt(token: string, digest: string): Promise<VerifiedToken> {
    const jwt = readCompactJwt(token, types)
    const source = byName.get(jwt.payload.iss as string)
    if (source === undefined) {
      const detail = `iss is ${shown(jwt.payload.iss)}`
      throw new OAuthError('invalid_token', 'the access token is from another issuer', { detail })
    }
    const { key, payload } = await source.verifyJwt(jwt)
    const verified = { header: jwt.header, payload, key, source, clearedAt: -1 }
    knownTokens.add(digest, verified)
    await source.refuseRevoked(verified, { token, digest })
    onEvent({ type: 'verified', known: false })
    return verified
  }

  /** A token that is no JWT says nothing of its issuer: each that answers questions is asked. */
  async function verifyOpaque(token: string, digest: string): Promise<VerifiedToken> {
    const asked = issuers.filter((part) => part.introspects)
    if (asked.length === 0) readCompactJwt(token, types)
    for (const source of asked) {
      const answer = await source.introspect(token, digest)
      if (answer === null) continue
      deepFreeze(answer.payload)
      onEvent({ type: 'verified', known: false })
      return { ...answer, source }
    }
    throw new OAuthError('invalid_token', 'the access token is not active', { detail: 'introspection: not active' })
  }

  return {
    verify,
    issuers,
    close: async () => void (await Promise.all(issuers.map((part) => part.close()))),
  }
}
