import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'

/** A Redis server for tests, in a folder of its own: it listens on a socket there alone. */
export interface RedisServer {
  readonly socketPath: string
  /** Ends the server as a power cut would. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

const program = (process.env.PATH ?? '')
  .split(':')
  .concat('/usr/bin', '/usr/local/bin')
  .map((folder) => join(folder, 'redis-server'))
  .find((file) => existsSync(file))

/** Why there is no server, or null when there is one. */
export const whyNoRedis: string | null =
  program === undefined ? 'Redis is not installed: no redis-server in PATH' : null

export async function startRedis(): Promise<RedisServer> {
  if (program === undefined) throw new Error(whyNoRedis ?? '')
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-'))
  const socketPath = join(folder, 'redis.sock')
  const settings = { port: '0', unixsocket: socketPath, dir: folder, appendonly: 'yes', appendfsync: 'always' }
  const words = Object.entries({ ...settings, save: '' }).flatMap(([name, value]) => [`--${name}`, value])
  const start = async (): Promise<ChildProcess> => {
    const server = spawn(program, words, { stdio: 'ignore' })
    for (let tries = 0; !(await answers(socketPath)); tries++) {
      if (tries === 200 || server.exitCode !== null) throw new Error('redis-server does not answer')
      await new Promise<void>((resolve) => void systemRuntime.schedule(0.02, resolve))
    }
    return server
  }
  let server = await start()
  // A run that ends in its midst leaves no server behind.
  process.once('exit', () => server.kill('SIGKILL'))
  async function kill(): Promise<void> {
    const gone = new Promise((resolve) => server.once('exit', resolve))
    server.kill('SIGKILL')
    await gone
  }
  return {
    socketPath,
    kill,
    async start() {
      server = await start()
    },
    async stop() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Whether it takes commands: while it reads its file it refuses them. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => socket.write('PING\r\n'))
    socket.once('error', () => resolve(false))
    socket.once('data', (said) => {
      socket.destroy()
      resolve(String(said).startsWith('+PONG'))
    })
  })
}
