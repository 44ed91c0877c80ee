import { OAuthError, parseAuthorizationHeader, parseScope } from '@latchkey/protocol'
import type { AccessTokenVerifierOptions } from './options.ts'
import { type Refusal, refuse, refuseAnonymous } from './refusal.ts'
import { type AccessToken, createAccessTokenVerifier } from './verify-access-token.ts'

export interface ApiGuardOptions extends AccessTokenVerifierOptions {
  /** The `realm` of challenges; the first audience unless said otherwise. */
  readonly realm?: string
}

/** What was decided about a request. */
export type Decision =
  | { readonly outcome: 'admitted'; readonly auth: AccessToken }
  | { readonly outcome: 'refused'; readonly refusal: Refusal }

/** Decides who may pass, for any framework: an adapter hands in header text and sends a refusal as it is. */
export interface ApiGuard {
  /** Judges the `Authorization` header, the only place an access token may stand. Never throws. */
  authenticate(request: { readonly authorization: string | null | undefined }): Promise<Decision>
}

/** @throws ConfigError with every problem of the options */
export function createApiGuard(options: ApiGuardOptions): ApiGuard {
  const verifier = createAccessTokenVerifier(options)
  const { audience, onError } = options
  const realm = options.realm ?? (typeof audience === 'string' ? audience : audience[0])
  return {
    async authenticate({ authorization }) {
      try {
        const token = readBearerToken(authorization)
        if (token === undefined) return { outcome: 'refused', refusal: refuseAnonymous(realm) }
        return { outcome: 'admitted', auth: await verifier.verify(token) }
      } catch (error) {
        onError?.(error)
        return { outcome: 'refused', refusal: refuse(error, realm) }
      }
    },
  }
}

/** A refusal when the token lacks one of `scopes`, else null. @spec RFC 6750 §3.1 */
export function refuseMissingScope(auth: AccessToken, scopes: readonly string[]): Refusal | null {
  const granted = auth.payload.scope?.split(' ') ?? []
  if (scopes.every((scope) => granted.includes(scope))) return null
  const needed = scopes.join(' ')
  const error = new OAuthError('insufficient_scope', `the access token lacks a scope; needed: ${needed}`)
  return refuse(error, undefined, needed)
}

/** The scopes of a list whose entries may name several, as `"read:a read:b"` does. */
export function listScopes(entries: readonly (string | readonly string[])[]): readonly string[] {
  return parseScope(entries.flat().join(' '))
}

/** @throws OAuthError `invalid_request` for a header that is no single credential. @spec RFC 6750 §2.1, §3.1 */
function readBearerToken(authorization: string | null | undefined): string | undefined {
  const header = parseAuthorizationHeader(authorization)
  if (header.scheme === 'bearer') return header.credentials
  if (header.scheme !== 'malformed') return undefined
  throw new OAuthError('invalid_request', 'the Authorization header must be one credential: Bearer <token>')
}
