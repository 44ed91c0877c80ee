import type { ConfiguredUser } from '@latchkey/accounts'
import type { ClientMetadata } from '@latchkey/protocol'
import type { Lifetimes, Resource, StatusListOptions } from '@latchkey/provider'
import type { AuditSettings } from './audit-settings.ts'
import type { ClientProofSettings } from './client-proof-settings.ts'
import type { GrantSettings } from './grant-settings.ts'
import type { KeySettings } from './key-settings.ts'
import type { RegistrationSettings } from './registration-settings.ts'
import type { RequestSettings } from './request-settings.ts'

/** What `latchkey serve` runs on: the configuration file, checked, with absolute paths. */
export interface ServeConfig extends AuditSettings, ClientProofSettings, RequestSettings, KeySettings {
  readonly issuer: string
  readonly listen: {
    readonly host: string
    readonly port: number
    /** Absolute paths of PEM files. */
    readonly tls: { readonly key: string; readonly cert: string } | null
    /** How long the server goes on serving after it was told to stop, while it says that it is not ready. */
    readonly drainGraceSeconds: number
  }
  readonly store:
    | { readonly kind: 'memory' }
    | { readonly kind: 'sqlite'; readonly file: string }
    | { readonly kind: 'postgres'; readonly url: string; readonly pooled?: boolean }
  /** Where the key stands that encrypts the signing keys; null keeps it in memory. */
  readonly encryptionKeyFile: string | null
  readonly lifetimes: Partial<Lifetimes>
  readonly clients: readonly ClientMetadata[]
  readonly users: readonly ConfiguredUser[]
  readonly resources: readonly Resource[]
  /** Null where they are switched off. */
  readonly statusLists: StatusListOptions | null
  readonly clientRegistration: RegistrationSettings
  readonly grants: GrantSettings
  readonly queryAccessTokens: boolean
  readonly log: 'json' | 'text' | 'none'
  /** What works but is hardly meant; said once at start. */
  readonly warnings: readonly string[]
}
