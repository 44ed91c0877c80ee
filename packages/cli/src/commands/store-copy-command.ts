import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError, OAuthError } from '@latchkey/protocol'
import { type CopyProgress, copyStore } from '@latchkey/store-sql'

export interface StoreCopyArguments {
  readonly from: string
  readonly to: string
  readonly pooled?: boolean
}

/** So many rows lie between two lines that tell how far it is. */
const rowsPerLine = 100_000

/** `latchkey store copy`: copies an SQLite file into PostgreSQL and compares both; progress on stderr, the sums on stdout. */
export async function storeCopyCommand({ from, to, pooled = false }: StoreCopyArguments): Promise<void> {
  const file = readSource(from)
  if (!/^postgres(ql)?:\/\/./.test(to)) {
    throw new ConfigError(['"--to" is no connection string; write postgres://user@host/database.'])
  }
  const tables = await copyStore({ from: file, to, pooled, onProgress: sayProgress }).catch(explain)
  for (const { table, rows, checksum } of tables) process.stdout.write(`${table} ${rows} ${checksum}\n`)
  const rows = tables.reduce((total, table) => total + table.rows, 0)
  process.stdout.write(
    `All ${rows} rows of ${file} are in PostgreSQL, and both sides have the same checksums. ` +
      'Start the servers on it with the encryption_key_file of before, and keep the old file closed.\n',
  )
}

function readSource(from: string): string {
  const [, path] = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(from) ?? []
  if (path === undefined) throw new ConfigError(['"--from" names no SQLite file; write sqlite:latchkey.db.'])
  const file = resolve(process.env.LATCHKEY_INVOKED_FROM ?? '.', path)
  if (!existsSync(file)) throw new ConfigError([`The database ${file} does not exist.`])
  return file
}

function sayProgress({ step, table, rows, of }: CopyProgress): void {
  const isWorthALine = step === 'verified' || rows >= of || rows % rowsPerLine === 0
  if (isWorthALine) process.stderr.write(`${step} ${table}: ${rows} of ${of}\n`)
}

function explain(error: unknown): never {
  const reason = error instanceof OAuthError ? error.detail : error instanceof Error ? error.message : undefined
  throw new ConfigError([
    `${reason ?? String(error)}. Nothing is lost: the file is as it was, and the same command goes on where it stopped.`,
  ])
}
