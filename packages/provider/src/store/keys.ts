/**
 * A signing key, or a secret of the provider's own. Instants are epoch seconds. A signing key is announced from
 * `createdAt`, signs from `signsAt` to `retiresAt`, and is published and believed until `dropsAt`.
 */
export interface KeyRecord {
  readonly kid: string
  /** A JWS algorithm, or the name of a secret. */
  readonly alg: string
  readonly publicJwk: Readonly<Record<string, unknown>>
  /** The private part, encrypted under a key-encryption key. */
  readonly sealedPrivateJwk: string
  readonly createdAt: number
  readonly signsAt: number
  /** When its successor signs in its stead; null while it has none. */
  readonly retiresAt: number | null
  /** When nothing that it signed can still be valid; null while it has no successor. */
  readonly dropsAt: number | null
  /** Grows by one with each change. */
  readonly version: number
}

export interface KeyStore {
  /** Oldest first. */
  list(): Promise<readonly KeyRecord[]>
  /** Adds the key when there is none for its `alg`; resolves with the oldest that stands then. */
  ensure(record: KeyRecord): Promise<KeyRecord>
  /** Writes only when the stored version is `record.version - 1`. */
  update(record: KeyRecord): Promise<'updated' | 'stale'>
  /** Writes what becomes of a key and adds its successor, both or neither; the condition is `update`'s. */
  succeed(retiring: KeyRecord, successor: KeyRecord): Promise<'succeeded' | 'stale'>
  /** True when it was there. */
  remove(kid: string): Promise<boolean>
}
