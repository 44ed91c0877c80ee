import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Stands between a node and PostgreSQL, so that tests cut what lies between them where they like. */
export interface PostgresProxy {
  /** The connection string past it. */
  readonly url: string
  /** Asked of whatever a node sends; true breaks the connection before PostgreSQL gets it. */
  cutsBefore: (sent: Buffer) => boolean
  /** Lets nothing through any more on connections that stand, and says nothing of it, as a network that failed over. */
  silence(): void
  /** Connections that a node has made. */
  readonly made: number
  /** How often a node sent something and got an answer, since the connections were made. */
  readonly roundTrips: number
  /** Breaks every connection; `stays` leaves nobody through until the next call. */
  cut(how?: { readonly stays: boolean }): void
  stop(): Promise<void>
}

const socketName = '.s.PGSQL.5432'

export async function startProxy(url: string): Promise<PostgresProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-proxy-'))
  const target = decodeURIComponent(/[?&]host=([^&]*)/.exec(url)?.[1] ?? '')
  const sockets = new Set<Socket>()
  let isClosed = false
  let roundTrips = 0
  const silenced = new Set<Socket>()
  let made = 0
  const server = createServer((near) => {
    made++
    if (isClosed) return void near.destroy()
    const far = connect(join(target, socketName))
    let isAsking = false
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        sockets.delete(socket)
        end()
      })
    }
    near.on('data', (sent) => {
      if (silenced.has(near)) return
      if (proxy.cutsBefore(sent)) return end()
      isAsking = true
      far.write(sent)
    })
    far.on('data', (answer) => {
      if (silenced.has(near)) return
      if (isAsking) roundTrips++
      isAsking = false
      near.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(join(folder, socketName), resolve))
  const proxy: PostgresProxy = {
    url: url.replace(encodeURIComponent(target), encodeURIComponent(folder)),
    cutsBefore: () => false,
    silence() {
      for (const socket of sockets) silenced.add(socket)
    },
    get made() {
      return made
    },
    get roundTrips() {
      return roundTrips
    },
    cut({ stays } = { stays: false }) {
      isClosed = stays
      for (const socket of sockets) socket.destroy()
    },
    async stop() {
      proxy.cut()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return proxy
}
