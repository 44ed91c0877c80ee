import { createChecksum } from '../crypto.ts'

/**
 * A statement is prepared once a connection, under a name that is its own in every process: where a pooler hands out
 * connections on which others have prepared theirs, a name is unknown or taken, and never means another statement.
 */
export function statementNames(): (sql: string) => string {
  const names = new Map<string, string>()
  return (sql) => {
    const known = names.get(sql)
    if (known !== undefined) return known
    const checksum = createChecksum()
    checksum.add(sql)
    const name = `latchkey_${checksum.digest().slice(0, 32)}`
    names.set(sql, name)
    return name
  }
}
