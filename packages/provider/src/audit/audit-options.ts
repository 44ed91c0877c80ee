/** What the audit trail keeps, and for how long. */
export interface AuditOptions {
  /**
   * - `security` (unless said otherwise): sign-ins and failures, consents, new families of tokens, reuse, revocations,
   *   clients, keys, what administrators do. Nothing for a renewal or for a machine's own token.
   * - `all`: every event. - `off`: none.
   */
  readonly level?: AuditLevel
  /** Seconds that an entry is kept; 90 days unless said otherwise. */
  readonly retention?: number
}

export const auditLevels = ['security', 'all', 'off'] as const
export type AuditLevel = (typeof auditLevels)[number]

export const defaultAudit = { level: 'security', retention: 7_776_000 } as const satisfies AuditOptions

const hundredYears = 3_153_600_000

export function* auditProblems({ level = 'security', retention = 1 }: AuditOptions = {}): Generator<string> {
  if (!auditLevels.includes(level)) yield `audit.level: must be one of ${auditLevels.join(', ')}, not "${level}"`
  if (!Number.isSafeInteger(retention) || retention < 1 || retention > hundredYears)
    yield `audit.retention: must be a whole number of seconds from 1 to ${hundredYears}, not ${retention}`
}
