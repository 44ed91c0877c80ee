import type { ClientMetadata } from '@latchkey/protocol'

/** Somebody whose assertions about people are believed. @spec RFC 7523 §3; RFC 7521 §4.1 */
export interface TrustedIssuer extends Pick<ClientMetadata, 'jwks' | 'jwks_uri'> {
  /** The `iss` of its assertions, exactly. */
  readonly issuer: string
  /** The claim that holds the `sub` that the person has here; "sub" unless said otherwise. */
  readonly subject_claim?: string
  /** The clients that may present its assertions; every client of the grant unless said otherwise. */
  readonly clients?: readonly string[]
  /** Scope values that it may speak for, separated by spaces; whatever the client may have unless said otherwise. */
  readonly scope?: string
  /** Finds the person's `sub` in claims that need more than a look at one; null for nobody. */
  readonly findSub?: (claims: Readonly<Record<string, unknown>>) => string | null | Promise<string | null>
}

/** Everything wrong with the trusted issuers. */
export function* trustedIssuerProblems(issuers: readonly TrustedIssuer[], ownIssuer: string): Generator<string> {
  const seen = new Set<string>()
  for (const [index, trusted] of issuers.entries()) {
    const at = `trustedIssuers[${index}]`
    if (trusted.issuer === '') yield `${at}.issuer: must not be empty`
    if (trusted.issuer === ownIssuer) yield `${at}.issuer: "${ownIssuer}" is this provider itself`
    if (seen.has(trusted.issuer)) yield `${at}.issuer: "${trusted.issuer}" is there twice`
    seen.add(trusted.issuer)
    if ((trusted.jwks === undefined) === (trusted.jwks_uri === undefined)) {
      yield `${at}: give its keys either by value (jwks) or by reference (jwks_uri)`
    }
    if (trusted.jwks_uri !== undefined && !/^https?:\/\//.test(trusted.jwks_uri)) {
      yield `${at}.jwks_uri: must be an http(s) URL`
    }
    if (trusted.jwks !== undefined && !Array.isArray(trusted.jwks.keys)) {
      yield `${at}.jwks: must be an object with a list of keys`
    }
  }
}
