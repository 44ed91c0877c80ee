import { OAuthError } from '@latchkey/protocol'

/**
 * - `again`: PostgreSQL undid the statement and says that another try may succeed.
 * - `unreached`: the connection broke; whether the statement took effect is not known.
 * - `unavailable`: refused for now, by a limit or a time-out. - `own`: the statement's own error.
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export type Fault = 'again' | 'unreached' | 'unavailable' | 'own'

const again = new Set(['40001', '40P01', '57P01', '57P02', '57P03', '25006'])
const unavailable = new Set(['53000', '53100', '53200', '53300', '53400', '57014', '55P03', '58030'])

/** A database that Latchkey must not run on. */
export class UnfitDatabase extends Error {}

/** Thrown by whoever gave the work, in the midst of a transaction, which was undone. */
export class Thrown extends Error {}

/** PostgreSQL's error code, or null when the error is not the server's answer. */
export function postgresCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('severity' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

export function faultOf(error: unknown): Fault {
  if (error instanceof UnfitDatabase || error instanceof Thrown || error instanceof TypeError) return 'own'
  const code = postgresCode(error)
  if (code === null) return 'unreached'
  if (again.has(code)) return 'again'
  if (unavailable.has(code)) return 'unavailable'
  return code.startsWith('08') ? 'unreached' : 'own'
}

const unknownStatement = new Set(['26000', '42P05'])

/** Whether a pooler in transaction mode says so, or PostgreSQL of a statement that another connection prepared. */
export function isPooler(error: unknown): boolean {
  const code = postgresCode(error)
  if (code === null) return false
  return unknownStatement.has(code) || (code === '08P01' && /startup parameter/.test(String(Object(error).message)))
}

/** Whether a statement that this connection prepared would answer with other columns by now. */
export function isStalePlan(error: unknown): boolean {
  return postgresCode(error) === '0A000' && /cached plan/.test(String(Object(error).message))
}

/** Where a database is, without its password. */
export function placeOf(connectionString: string): string {
  const [, rest = connectionString] = /^[a-z]+:\/\/(?:[^@/]*@)?(.*)$/i.exec(connectionString) ?? []
  return `postgres://${rest.split('?')[0] ?? ''}`
}

/** What the caller gets: the message of PostgreSQL stands in `detail`, never on the wire. */
export function unavailableError(place: string, error: unknown): OAuthError {
  const message = error instanceof Error ? error.message : String(error)
  const code = postgresCode(error)
  return new OAuthError('temporarily_unavailable', 'The server cannot reach its data at the moment.', {
    detail: `database ${place}: ${message}${code === null ? '' : ` (PostgreSQL ${code})`}`,
    retryAfterSeconds: 2,
    cause: error,
  })
}
