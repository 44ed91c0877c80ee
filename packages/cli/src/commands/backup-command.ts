import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { ConfigError } from '@latchkey/protocol'
import { openSqlite } from '@latchkey/store-sql'
import { readConfig } from '../config/read-config.ts'

export interface BackupArguments {
  readonly config: string
  readonly to: string
}

/** `latchkey backup`: copies the SQLite database into a new file while the server runs. */
export async function backupCommand({ config: file, to }: BackupArguments): Promise<void> {
  const folder = process.env.LATCHKEY_INVOKED_FROM ?? '.'
  const { store, encryptionKeyFile } = readConfig(resolve(folder, file))
  if (store.kind === 'memory') throw new ConfigError(['"store" is "memory": there is nothing to back up.'])
  if (store.kind === 'postgres') {
    throw new ConfigError(['"store" is PostgreSQL: back it up with its own tools, such as pg_dump or pg_basebackup.'])
  }
  if (!existsSync(store.file)) throw new ConfigError([`The database ${store.file} does not exist.`])
  const copy = resolve(folder, to)
  if (existsSync(copy)) throw new ConfigError([`${copy} exists; name a file that does not.`])
  const database = openSqlite(store.file)
  try {
    await database.backup(copy)
  } finally {
    await database.close()
  }
  process.stdout.write(`${copy} is a copy of ${store.file}. Its signing keys open with ${encryptionKeyFile} alone.\n`)
}
