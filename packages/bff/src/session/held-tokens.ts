import type { TokenSet } from '@latchkey/client'
import { parseScope } from '@latchkey/protocol'
import type { PrivateJwk } from '../crypto.ts'

type AccessToken = Pick<TokenSet, 'accessToken' | 'tokenType' | 'issuedAt' | 'expiresAt' | 'scope'>

/** What a session holds: one refresh token, and an access token for each API that was called. */
export interface HeldTokens extends Pick<TokenSet, 'refreshToken' | 'idToken' | 'claims' | 'renewals'> {
  readonly access: Readonly<Record<string, AccessToken>>
  /** What the bound ones among them are bound to; made when the first of them is asked for. @spec RFC 9449 §4 */
  readonly dpopKey?: PrivateJwk
}

/** The API and the rights an access token is for; left out, the session's own and all that was granted for it. */
export interface TokenTarget {
  /** @spec RFC 8707 §2.2 */
  readonly resource?: string
  /** Space-separated; never more than was granted. @spec RFC 6749 §6 */
  readonly scope?: string
  /** Bound to a key, so that nobody else can use it. @spec RFC 9449 §5 */
  readonly dpop?: boolean
}

/** One name for each audience, scope and binding: two orders of the same scope are one. */
export function targetKey({ resource = '', scope = '', dpop = false }: TokenTarget): string {
  const bound = dpop ? '\tdpop' : ''
  if (scope === '') return `${resource} ${bound}`
  return `${resource} ${[...parseScope(scope)].sort().join(' ')}${bound}`
}

/** What a fresh sign-in brought, and the key that it is bound to. */
export function heldTokens(tokens: TokenSet, key: string, dpopKey?: PrivateJwk): HeldTokens {
  return withTokens({ ...shared(tokens), ...(dpopKey === undefined ? {} : { dpopKey }), access: {} }, key, tokens)
}

/** One audience's token set: its own access token, or an expired empty one, and never another audience's. */
export function viewOf(held: HeldTokens, key: string): TokenSet {
  const access = Object.hasOwn(held.access, key) ? held.access[key] : undefined
  return { ...shared(held), ...(access ?? none) }
}

/** The session after a renewal for one audience; what expired of the others is left behind. */
export function withTokens(held: HeldTokens, key: string, tokens: TokenSet): HeldTokens {
  const { accessToken, tokenType, issuedAt, expiresAt, scope } = tokens
  const others = Object.entries(held.access).filter(([name, token]) => name !== key && token.expiresAt > issuedAt)
  return {
    ...shared(tokens),
    ...(held.dpopKey === undefined ? {} : { dpopKey: held.dpopKey }),
    access: { ...Object.fromEntries(others), [key]: { accessToken, tokenType, issuedAt, expiresAt, scope } },
  }
}

const none: AccessToken = { accessToken: '', tokenType: 'Bearer', issuedAt: 0, expiresAt: 0, scope: [] }

function shared({ refreshToken, idToken, claims, renewals }: Omit<HeldTokens, 'access'>): Omit<HeldTokens, 'access'> {
  return { refreshToken, idToken, claims, renewals }
}
