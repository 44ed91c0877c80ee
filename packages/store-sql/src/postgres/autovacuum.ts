/** Tables whose rows come and go with tokens and requests. */
const busy = [
  'access_tokens',
  'refresh_tokens',
  'codes',
  'families',
  'interactions',
  'sessions',
  'replays',
  'revoked_jwts',
  'pushed_requests',
  'pending_grants',
  'session_clients',
  'revocation_inbox',
  'failed_attempts',
  'bff_sessions',
  'bff_once',
]

/**
 * Space of swept rows is used again after a fiftieth of a table has gone, not after a fifth, and the vacuum does not rest in
 * between: otherwise large tables grow by that fifth first. The owner of a table may say so; nobody waits for it.
 */
export const autovacuumSettings: readonly string[] = busy.map(
  (table) =>
    `alter table ${table} set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
  autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)`,
)
