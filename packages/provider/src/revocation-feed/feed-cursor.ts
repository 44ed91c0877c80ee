import { sha256 } from '../crypto.ts'
import type { RevocationLog } from '../store/revocation-log.ts'
import type { Revocation } from '../store/store.ts'

/**
 * Where a guard stands: the sequence, and a mark of the entry that has it. A log that was begun anew has another entry
 * there, and then the guard starts from a snapshot instead of missing what it thinks it has.
 */
export function feedCursor(entry: Revocation): string {
  return `${entry.sequence}.${markOf(entry)}`
}

/** A place in the log of which no entry tells (everything up to there expired). */
export function bareCursor(sequence: number): string {
  return `${sequence}.`
}

/** The sequence after which the feed goes on, or null when the cursor is not of this log. */
export async function resumeAfter(log: RevocationLog, cursor: string): Promise<number | null> {
  const [, digits, mark] = /^(\d{1,15})\.([A-Za-z0-9_-]{0,16})$/.exec(cursor) ?? []
  if (digits === undefined || mark === undefined) return null
  const sequence = Number(digits)
  if (sequence === 0) return 0
  const [entry] = await log.after(sequence - 1, 1)
  if (entry?.sequence === sequence) return mark === '' || markOf(entry) === mark ? sequence : null
  // Swept, or never there. Only a snapshot just taken may go on from a place without an entry.
  return mark === '' && entry === undefined ? sequence : null
}

function markOf({ kind, id }: Revocation): string {
  return sha256(`${kind} ${id}`).slice(0, 16)
}
