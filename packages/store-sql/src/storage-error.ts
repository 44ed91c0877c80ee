import { OAuthError } from '@latchkey/protocol'

/** SQLite's primary result codes that pass by themselves or by an operator's hand. @see https://sqlite.org/rescode.html */
const passing: Readonly<Record<number, { readonly detail: string; readonly retryAfterSeconds: number }>> = {
  5: { detail: 'another process held the write lock for too long', retryAfterSeconds: 1 },
  6: { detail: 'a table was locked', retryAfterSeconds: 1 },
  8: { detail: 'the file became read-only; check its rights and the file system', retryAfterSeconds: 30 },
  10: { detail: 'the disk reported an error; check the file system', retryAfterSeconds: 30 },
  13: { detail: 'the disk is full; make room', retryAfterSeconds: 30 },
}

/** SQLite's primary result code, or null when `error` is not SQLite's. */
export function sqliteCode(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return null
  return typeof error.errcode === 'number' ? error.errcode & 0xff : null
}

export const busy = 5

/** What the caller gets: `temporarily_unavailable` for what passes, the error itself for anything else. */
export function storageError(file: string, error: unknown): unknown {
  const code = sqliteCode(error)
  const known = code === null ? undefined : passing[code]
  if (known === undefined) return error
  const message = error instanceof Error ? error.message : String(error)
  return new OAuthError('temporarily_unavailable', 'The server cannot reach its data at the moment.', {
    detail: `database ${file}: ${known.detail} (SQLite ${code}: ${message})`,
    retryAfterSeconds: known.retryAfterSeconds,
    cause: error,
  })
}
