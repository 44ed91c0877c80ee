import type { ClientMetadata, SigningAlg } from '@latchkey/protocol'
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
  /** What it asks of the JWTs by which clients prove themselves; what every client may do unless said otherwise. */
  readonly proofs?: {
    readonly algs: readonly SigningAlg[]
    /** Whether an assertion must be for the issuer, written as one string. */
    readonly issuerAlone: boolean
  }
  /** Why a client, so treated, cannot be served at all. */
  refusals(metadata: Metadata): readonly Shortfall[]
}
