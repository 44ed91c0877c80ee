import { type ClientAuthMethodName, type ClientMetadata, type SigningAlg, signingAlgs } from '@latchkey/protocol'
import type { ProviderOptions } from '../config.ts'

export type Metadata = Omit<ClientMetadata, 'client_secret'>

/** Where a client falls short, and what to do about it. */
export interface Shortfall {
  readonly spec: string
  readonly problem: string
  readonly fix: string
}

/** A set of rules that one word in the configuration switches on: one file and one line in `index.ts`. */
export interface Profile {
  readonly name: 'oauth2.1' | 'fapi2' | 'mcp'
  /** The options with what the profile decides; what an operator set more strictly stays. */
  options(given: ProviderOptions): ProviderOptions
  /** The client as it is treated: what can be made strict without its doing is. */
  client(metadata: Metadata): Metadata
  /** What signs JWTs, those of clients and our own; every algorithm unless said otherwise. */
  readonly algs?: readonly [SigningAlg, ...SigningAlg[]]
  /** How clients may prove who they are; every way unless said otherwise. */
  readonly authMethods?: readonly ClientAuthMethodName[]
  /** What clients may ask the authorization endpoint for; everything unless said otherwise. */
  readonly responseTypes?: readonly string[]
  /** Whether an assertion must be for the issuer, written as one string. */
  readonly assertionsForIssuerAlone?: boolean
  /** Whether authorization requests must name their redirect URI, also where only one is registered. */
  readonly redirectUriAlways?: boolean
  /** Why a client, so treated, cannot be served at all. */
  refusals(metadata: Metadata): readonly Shortfall[]
}

/** What may sign JWTs here; each place that takes or makes them, and discovery, asks this. */
export function algsUnder(profile: Profile): readonly SigningAlg[] {
  return profile.algs ?? signingAlgs
}
