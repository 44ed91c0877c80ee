import type { ConfiguredUser } from '@latchkey/accounts'
import type { ClientMetadata } from '@latchkey/protocol'
import type { Lifetimes, Resource } from '@latchkey/provider'

/** What `latchkey serve` runs on: the configuration file, checked, with absolute paths. */
export interface ServeConfig {
  readonly issuer: string
  readonly listen: {
    readonly host: string
    readonly port: number
    /** Absolute paths of PEM files. */
    readonly tls: { readonly key: string; readonly cert: string } | null
  }
  readonly store: { readonly kind: 'memory' } | { readonly kind: 'sqlite'; readonly file: string }
  /** Where the key stands that encrypts the signing keys; null keeps it in memory. */
  readonly encryptionKeyFile: string | null
  readonly lifetimes: Partial<Lifetimes>
  readonly clients: readonly ClientMetadata[]
  readonly users: readonly ConfiguredUser[]
  readonly resources: readonly Resource[]
  readonly queryAccessTokens: boolean
  readonly log: 'json' | 'text' | 'none'
  /** What works but is hardly meant; said once at start. */
  readonly warnings: readonly string[]
}
