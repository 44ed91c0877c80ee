import type {
  AccessTokenRecord,
  AuditRecord,
  ClientRecord,
  CodeRecord,
  ConsentRecord,
  FamilyRecord,
  Grounds,
  HandleHash,
  InteractionRecord,
  KeyRecord,
  LogoutDelivery,
  PendingGrantRecord,
  PushedRequestRecord,
  RefreshTokenRecord,
  Revocation,
  SessionRecord,
  StatusListRecord,
} from '../store.ts'
import type { StoredStatusEntry } from './status-lists.ts'

export type StoredCode = CodeRecord & { readonly consumedAt: number | null }
export type StoredFamily = FamilyRecord & { readonly revokedAt: number | null }
export type StoredRefreshToken = RefreshTokenRecord & {
  readonly rotatedAt: number | null
  readonly successorHash: HandleHash | null
  readonly sealedSuccessor: string | null
}

export type StoredPendingGrant = PendingGrantRecord & {
  readonly decision: { readonly approved: Grounds } | 'denied' | null
  readonly polledAt: number | null
}

/** What a memory store holds. Every verb runs to its end without awaiting, which is what makes it atomic. */
export interface Tables {
  readonly clients: Map<string, ClientRecord>
  readonly interactions: Map<HandleHash, InteractionRecord>
  readonly sessions: Map<HandleHash, SessionRecord>
  readonly consents: Map<string, ConsentRecord & { readonly sub: string }>
  readonly codes: Map<HandleHash, StoredCode>
  readonly families: Map<string, StoredFamily>
  readonly refreshTokens: Map<HandleHash, StoredRefreshToken>
  readonly accessTokens: Map<HandleHash, AccessTokenRecord>
  readonly revokedJwts: Map<string, { readonly expiresAt: number }>
  readonly keys: Map<string, KeyRecord>
  readonly replays: Map<string, { readonly expiresAt: number }>
  readonly sessionClients: Map<string, { readonly sid: string; readonly clientId: string; readonly expiresAt: number }>
  readonly pushedRequests: Map<HandleHash, PushedRequestRecord>
  readonly pendingGrants: Map<HandleHash, StoredPendingGrant>
  readonly logoutDeliveries: Map<string, LogoutDelivery>
  readonly revocations: Map<number, Revocation>
  /** Goes on counting when entries are swept. */
  readonly counters: { sequence: number }
  readonly revocationListeners: Set<{ readonly call: () => void }>
  readonly statusLists: Map<string, StatusListRecord>
  /** By `jti`. */
  readonly statusEntries: Map<string, StoredStatusEntry>
  readonly leases: Map<string, { readonly holder: string; readonly endsAt: number; readonly fence: number }>
  readonly audit: Map<string, AuditRecord>
}

export function createTables(): Tables {
  return {
    clients: new Map(),
    interactions: new Map(),
    sessions: new Map(),
    consents: new Map(),
    codes: new Map(),
    families: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Map(),
    revokedJwts: new Map(),
    keys: new Map(),
    replays: new Map(),
    sessionClients: new Map(),
    pushedRequests: new Map(),
    pendingGrants: new Map(),
    logoutDeliveries: new Map(),
    revocations: new Map(),
    counters: { sequence: 0 },
    revocationListeners: new Set(),
    statusLists: new Map(),
    statusEntries: new Map(),
    leases: new Map(),
    audit: new Map(),
  }
}

/** Adds a row under a key that must be new. @throws Error when it is taken; the row there stays as it is. */
export function insert<K, V>(table: Map<K, V>, key: K, row: V): void {
  mustBeNew(table, key)
  table.set(key, row)
}

export function mustBeNew<K>(table: Map<K, unknown>, key: K): void {
  if (table.has(key)) throw new Error('a row with this key exists already; keys are made once and never used again')
}
