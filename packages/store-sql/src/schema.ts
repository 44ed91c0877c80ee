/**
 * The tables, as the hot path's statements read them. Keys that begin with a time keep inserts at the end of the tree.
 * What is only handed back stands as JSON in `data`; what a condition looks at is a column. Instants are epoch seconds.
 */
export interface Schema {
  clients: { client_id: string; search_text: string; version: number; data: string }
  interactions: { hash: string; session_hash: string | null; expires_at: number; data: string }
  sessions: { hash: string; expires_at: number; data: string }
  consents: {
    sub: string
    client_id: string
    permissions: string
    granted_at: number
    /** What was allowed in detail, as JSON; null where there was nothing. */
    details: string | null
  }
  codes: {
    hash: string
    family_id: string
    client_id: string
    sid: string | null
    consumed_at: number | null
    expires_at: number
    data: string
  }
  families: {
    family_id: string
    client_id: string
    sub: string
    sid: string | null
    created_at: number
    expires_at: number
    revoked_at: number | null
  }
  refresh_tokens: {
    hash: string
    family_id: string
    rotated_at: number | null
    successor_hash: string | null
    sealed_successor: string | null
    expires_at: number
    absolute_expires_at: number
    data: string
  }
  access_tokens: {
    hash: string
    family_id: string
    /** Set for a token that stands alone, without a family's row. */
    lone_client_id: string | null
    expires_at: number
    data: string
  }
  revoked_jwts: { jti: string; expires_at: number }
  signing_keys: { kid: string; alg: string; created_at: number; data: string }
  replays: { key: string; expires_at: number }
  session_clients: { sid: string; client_id: string; expires_at: number }
  pushed_requests: { hash: string; client_id: string; expires_at: number; data: string }
  pending_grants: {
    hash: string
    /** Null once the code has expired: then it may be given out again. */
    lookup: string | null
    client_id: string
    /** Of the session that approved. */
    sid: string | null
    /** Grounds as JSON, `denied`, or null while nobody decided. */
    decision: string | null
    polled_at: number | null
    interval_seconds: number
    expires_at: number
    data: string
  }
  logout_deliveries: {
    id: string
    client_id: string
    sub: string
    sid: string
    attempts: number
    next_attempt_at: number
    expires_at: number
    ping: string | null
  }
  revocations: { sequence: number; kind: string; id: string; at: number; expires_at: number }
  status_lists: { id: string; size: number; created_at: number; expires_at: number }
  status_entries: {
    jti: string
    list_id: string
    /** The token's index in the list. */
    position: number
    client_id: string
    kid: string
    expires_at: number
    /** 1 once the token was taken back. */
    revoked: number
  }
  leases: { name: string; holder: string; ends_at: number; fence: number }
  audit_events: {
    id: string
    type: string
    client_id: string | null
    sub: string | null
    actor: string | null
    expires_at: number
    data: string
  }
  accounts: { sub: string; canonical_username: string; version: number; data: string }
  failed_attempts: { key: string; at: number; ends_at: number; attempts: number }
  bff_sessions: {
    hash: string
    sub: string
    sid: string | null
    client_id: string
    sealed_tokens: string
    version: number
    created_at: number
    last_seen_at: number
    idle_expires_at: number
    absolute_expires_at: number
    revoked_at: number | null
    fence: number
    lease_ends_at: number | null
    holder: string | null
    asked_at: number | null
    answer_by: number | null
    ended_because: string | null
  }
  bff_once: { key: string; expires_at: number }
  bff_changes: { seq: number; hash: string; origin: string; at: number }
}
