import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { once } from './postgres-cluster.ts'

/** PgBouncer in transaction mode before a cluster; like it, it listens on a socket in a folder of its own alone. */
export interface Pooler {
  /** A new, empty schema: through the pooler, and past it. */
  schema(): Promise<{ readonly pooled: string; readonly direct: string }>
  stop(): Promise<void>
}

const program = findProgram()
/** Why there is no pooler, or null when there is one. */
export const whyNoPooler: string | null =
  program === null ? 'PgBouncer is not installed: no pgbouncer in PATH or /usr/sbin' : null

/** `ignored` are session settings that it drops instead of refusing the connection. */
export async function startPooler(clusterUrl: string, ...ignored: readonly string[]): Promise<Pooler> {
  if (program === null) throw new Error(whyNoPooler ?? '')
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'))
  const [, host = ''] = /[?&]host=([^&]+)/.exec(clusterUrl) ?? []
  const names = Array.from({ length: 1000 }, (_, number) => `${prefix}_${number}`)
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const users = file('users.txt', [...names, 'latchkey'].map((name) => `"${name}" ""`).join('\n'))
  const settings = [
    ...['[databases]', `* = host=${decodeURIComponent(host)}`, '[pgbouncer]', 'pool_mode = transaction'],
    ...['listen_addr =', 'listen_port = 6432', `unix_socket_dir = ${folder}`],
    ...['auth_type = trust', `auth_file = ${users}`, 'max_client_conn = 1000', 'default_pool_size = 5'],
    ...['server_idle_timeout = 1', `ignore_startup_parameters = ${['extra_float_digits', ...ignored].join(',')}`],
  ]
  const owner = ownerOf(folder)
  const server = spawn(program, [file('pgbouncer.ini', settings.join('\n'))], {
    ...owner,
    cwd: folder,
    stdio: 'ignore',
  })
  process.once('exit', () => server.kill('SIGKILL'))
  const urlOf = (user: string, place: string, port: string) =>
    `postgres://${user}@/postgres?host=${encodeURIComponent(place)}&port=${port}`
  const direct = decodeURIComponent(host)
  await answering(urlOf('latchkey', folder, '6432'), server)
  return {
    async schema() {
      // Settings of a session do not get through a pooler, those of a role do.
      const name = `${prefix}_${serial++}`
      await once(
        urlOf('latchkey', direct, '5432'),
        `create role ${name} login; create schema ${name} authorization ${name}; alter role ${name} set search_path = ${name}`,
      )
      return { pooled: urlOf(name, folder, '6432'), direct: urlOf(name, direct, '5432') }
    },
    async stop() {
      const gone = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGKILL')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const prefix = 'pooled'
let serial = 0

function findProgram(): string | null {
  for (const candidate of ['/usr/sbin/pgbouncer', 'pgbouncer']) {
    try {
      execFileSync(candidate, ['--version'], { stdio: 'ignore' })
      return candidate
    } catch {
      // The next one.
    }
  }
  return null
}

/** PgBouncer refuses to run as root, as PostgreSQL does. */
function ownerOf(folder: string): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  const owner = { uid: id('-u'), gid: id('-g') }
  chownSync(folder, owner.uid, owner.gid)
  chmodSync(folder, 0o755)
  return owner
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
