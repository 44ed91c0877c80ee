import { ConfigError, OAuthError, parseScope } from '@latchkey/protocol'
import { type AccessToken, guardOf } from './access-token.ts'
import { type Refusal, refuse } from './refusal.ts'

/** Judges an admitted token for one route: a refusal, or null to let it pass. */
export type Requirement = (auth: AccessToken) => Refusal | null

type Claims = AccessToken['payload']
type Names = readonly (string | readonly string[])[]

/** The requirements in one framework's dialect. */
export interface Requirements<Handler> {
  /** Every scope named. */
  requiredScopes(...scopes: Names): Handler
  /** At least one of the scopes named. */
  scopeIncludesAny(...scopes: Names): Handler
  /** The claim is exactly this value. */
  claimEquals(name: string, value: string | number | boolean | null): Handler
  /** The claim (a list, or text with spaces) has every one of the values. */
  claimIncludes(name: string, ...values: readonly (string | number | boolean)[]): Handler
  /** What `check` says of the claims; `description` goes to the client. */
  claimCheck(check: (claims: Claims) => boolean, description?: string): Handler
  /** How, and how recently, the person signed in. @spec RFC 9470 §3 */
  stepUp(wanted: StepUp): Handler
}

export interface StepUp {
  /** One of these authentication contexts, best first. */
  readonly acrValues?: readonly string[]
  /** Seconds since the person signed in. */
  readonly maxAgeSeconds?: number
}

/** The same requirements for any framework: `toHandler` is what differs. */
export function requirements<Handler>(
  toHandler: (requirement: Requirement, name: string) => Handler,
): Requirements<Handler> {
  return {
    requiredScopes: (...scopes) => toHandler(requireScopes(scopes), 'requiredScopes'),
    scopeIncludesAny: (...scopes) => toHandler(requireAnyScope(scopes), 'scopeIncludesAny'),
    claimEquals: (name, value) => toHandler(requireClaim(name, [value], claimIs), 'claimEquals'),
    claimIncludes: (name, ...values) => toHandler(requireClaim(name, values, claimHas), 'claimIncludes'),
    claimCheck: (check, description = 'the access token does not allow this') =>
      toHandler((auth) => (check(auth.payload) ? null : insufficient(auth, description)), 'claimCheck'),
    stepUp: (wanted) => toHandler(requireStepUp(wanted), 'stepUp'),
  }
}

/** A refusal when the token lacks one of `scopes`, else null. @spec RFC 6750 §3.1 */
export function refuseMissingScope(auth: AccessToken, scopes: readonly string[]): Refusal | null {
  const granted = auth.payload.scope?.split(' ') ?? []
  if (scopes.every((scope) => granted.includes(scope))) return null
  return insufficient(auth, `the access token lacks a scope; needed: ${scopes.join(' ')}`, scopes)
}

/** The scopes of a list whose entries may name several, as `"read:a read:b"` does. */
export function listScopes(entries: Names): readonly string[] {
  return parseScope(entries.flat().join(' '))
}

/** The answer of a route whose requirement stands without `auth()` before it. */
export function refuseUnguarded(name: string): Refusal {
  return refuse(new OAuthError('server_error', `${name}() needs auth() before it on this route`))
}

function requireScopes(entries: Names): Requirement {
  const needed = listScopes(entries)
  if (needed.length === 0) throw new ConfigError(['requiredScopes: name at least one scope'])
  return (auth) => refuseMissingScope(auth, needed)
}

function requireAnyScope(entries: Names): Requirement {
  const enough = listScopes(entries)
  if (enough.length === 0) throw new ConfigError(['scopeIncludesAny: name at least one scope'])
  return (auth) => {
    const granted = auth.payload.scope?.split(' ') ?? []
    if (enough.some((scope) => granted.includes(scope))) return null
    return insufficient(auth, `the access token lacks a scope; enough is one of: ${enough.join(' ')}`, enough)
  }
}

function requireClaim(
  name: string,
  values: readonly unknown[],
  holds: (claim: unknown, value: unknown) => boolean,
): Requirement {
  if (name === '' || values.length === 0)
    throw new ConfigError(['claimEquals, claimIncludes: name a claim and a value'])
  const description = `the access token's claim '${name}' does not allow this`
  return (auth) => (values.every((value) => holds(auth.payload[name], value)) ? null : insufficient(auth, description))
}

function claimIs(claim: unknown, value: unknown): boolean {
  return claim === value
}

function claimHas(claim: unknown, value: unknown): boolean {
  const held: readonly unknown[] = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return held.includes(value)
}

/** @spec RFC 9470 §3 */
function requireStepUp({ acrValues = [], maxAgeSeconds }: StepUp): Requirement {
  if (acrValues.length === 0 && maxAgeSeconds === undefined) {
    throw new ConfigError(['stepUp: name acrValues, maxAgeSeconds or both'])
  }
  const members = {
    ...(acrValues.length === 0 ? {} : { acr_values: acrValues.join(' ') }),
    ...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
  }
  return (auth) => {
    const { acr, auth_time: authTime } = auth.payload
    const strong = acrValues.length === 0 || (acr !== undefined && acrValues.includes(acr))
    const signedInAt = typeof authTime === 'number' ? authTime : Number.NEGATIVE_INFINITY
    const { now, terms } = guardOf(auth)
    const recent = maxAgeSeconds === undefined || now() - signedInAt <= maxAgeSeconds
    if (strong && recent) return null
    const why = strong ? 'more recent authentication is required' : 'a different authentication level is required'
    const error = new OAuthError('insufficient_user_authentication', why)
    return refuse(error, { terms, scheme: auth.scheme, members })
  }
}

function insufficient(auth: AccessToken, description: string, scopes?: readonly string[]): Refusal {
  const members = scopes === undefined ? {} : { scope: scopes.join(' ') }
  const { terms } = guardOf(auth)
  return refuse(new OAuthError('insufficient_scope', description), { terms, scheme: auth.scheme, members })
}
