import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import pg from 'pg'

/** A PostgreSQL server for tests, in a folder of its own, heard of by nobody else: it listens on a socket there alone. */
export interface Cluster {
  /** The connection string of a new, empty schema; `setting`s are `name=value` and hold for every session of it. */
  schema(...settings: readonly string[]): Promise<string>
  /** Ends the server as a power cut would, and starts it again. */
  crash(): Promise<void>
  stop(): Promise<void>
}

const programs = findPrograms()
/** Why there is no server, or null when there is one. */
export const whyNoPostgres: string | null =
  programs === null ? 'PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql' : null

export async function startCluster(...more: readonly string[]): Promise<Cluster> {
  if (programs === null) throw new Error(whyNoPostgres ?? '')
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-postgres-'))
  const owner = ownerOf(folder)
  const data = join(folder, 'data')
  const env = { ...process.env, LC_ALL: 'C.UTF-8' }
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'latchkey', '-A', 'trust', '-N', '-E', 'UTF8'], {
    ...owner,
    env,
    cwd: folder,
    stdio: 'pipe',
  })
  const url = `postgres://latchkey@/postgres?host=${encodeURIComponent(folder)}`
  const settings = [
    'fsync=off',
    'listen_addresses=',
    'max_connections=300',
    `unix_socket_directories=${folder}`,
    ...more,
  ]
  const start = async (): Promise<ChildProcess> => {
    const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
    const server = spawn(join(programs, 'postgres'), args, { ...owner, env, cwd: folder, stdio: 'ignore' })
    await answering(url, server)
    return server
  }
  let server = await start()
  // A run that ends in its midst leaves no server behind.
  process.once('exit', () => server.kill('SIGQUIT'))
  let serial = 0
  return {
    async schema(...extra) {
      const name = `trial_${serial++}`
      await once(url, `create schema ${name}`)
      const words = [`search_path=${name}`, ...extra].map((setting) => `-c ${setting}`)
      return `${url}&options=${encodeURIComponent(words.join(' '))}`
    },
    async crash() {
      await ended(server, 'SIGQUIT')
      server = await start()
    },
    async stop() {
      await ended(server, 'SIGINT')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function findPrograms(): string | null {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [...versions.map((version) => join(debian, version, 'bin')), ...(process.env.PATH ?? '').split(':')]
  return folders.find((folder) => existsSync(join(folder, 'initdb'))) ?? null
}

/** PostgreSQL refuses to run as root: then it runs as the user `postgres`. */
function ownerOf(folder: string): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  const owner = { uid: id('-u'), gid: id('-g') }
  chownSync(folder, owner.uid, owner.gid)
  return owner
}

/** Runs one statement on a connection of its own. */
export async function once(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Takes every row out of a schema: making its tables anew takes longer than most tests. */
export async function empty(url: string): Promise<void> {
  const [tables] = await once(
    url,
    `select string_agg(quote_ident(tablename), ', ') as all from pg_tables
     where schemaname = current_schema() and tablename <> 'latchkey_migrations'`,
  )
  if (tables?.all !== null) await once(url, `truncate ${String(tables?.all)} restart identity`)
}

async function answering(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await once(url, 'select 1')
      return
    } catch (error) {
      if (tries === 200 || server.exitCode !== null) throw error
      await new Promise<void>((resolve) => void systemRuntime.schedule(0.05, resolve))
    }
  }
}

async function ended(server: ChildProcess, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  const gone = new Promise((resolve) => server.once('exit', resolve))
  server.kill(signal)
  await gone
}
