import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Stands between a node and PostgreSQL, so that tests cut what lies between them where they like. */
export interface Proxy {
  /** The connection string past it. */
  readonly url: string
  /** Asked of whatever a node sends; true breaks the connection before PostgreSQL gets it. */
  cutsBefore: (sent: Buffer) => boolean
  /** How often a node sent something and got an answer, since the connections were made. */
  readonly roundTrips: number
  /** Breaks every connection; `stays` leaves nobody through until the next call. */
  cut(how?: { readonly stays: boolean }): void
  stop(): Promise<void>
}

const socketName = '.s.PGSQL.5432'

export async function startProxy(url: string): Promise<Proxy> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-proxy-'))
  const target = decodeURIComponent(/[?&]host=([^&]*)/.exec(url)?.[1] ?? '')
  const sockets = new Set<Socket>()
  let isClosed = false
  let roundTrips = 0
  const server = createServer((near) => {
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
      if (proxy.cutsBefore(sent)) return end()
      isAsking = true
      far.write(sent)
    })
    far.on('data', (answer) => {
      if (isAsking) roundTrips++
      isAsking = false
      near.write(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(join(folder, socketName), resolve))
  const proxy: Proxy = {
    url: url.replace(encodeURIComponent(target), encodeURIComponent(folder)),
    cutsBefore: () => false,
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
