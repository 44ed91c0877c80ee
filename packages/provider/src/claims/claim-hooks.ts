import type { ClientMetadata } from '@latchkey/protocol'
import { type Claims, reservedClaims } from './scope-claims.ts'

/** What a hook is told: values, none of which it can change. */
export interface Shaped {
  /** The person's own `sub` at this provider, or the client's id where it acts for itself. */
  readonly sub: string
  readonly client: Pick<ClientMetadata, 'client_id' | 'client_name' | 'scope'>
  readonly scope: readonly string[]
  /** The API that the token is for, or null. */
  readonly resource: string | null
  /** Of the person, or empty where there is none or they are not at hand (access tokens, introspection). */
  readonly accountClaims: Claims
}

/** Further claims for one place. Claims that the provider sets itself are ignored. */
export type ClaimHook = (about: Shaped) => Claims

/** Pure functions that add claims. */
export interface ClaimHooks {
  readonly idToken?: ClaimHook
  readonly accessToken?: ClaimHook
  readonly userinfo?: ClaimHook
  readonly introspection?: ClaimHook
}

export function addedClaims(hook: ClaimHook | undefined, about: () => Shaped): Claims {
  if (hook === undefined) return {}
  return Object.fromEntries(
    Object.entries(hook(Object.freeze(about()))).filter(
      ([name, claim]) => claim !== undefined && !reservedClaims.has(name),
    ),
  )
}
