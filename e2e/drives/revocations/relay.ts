import { connect, createServer, type Server, type Socket } from 'node:net'

/** What stands between guards and the provider: bytes both ways, until it is cut. */
export interface Relay {
  readonly port: number
  /** Every connection breaks and none is taken. */
  cut(): Promise<void>
  mend(): Promise<void>
}

export async function startRelay(port: number, to: () => number): Promise<Relay> {
  const open = new Set<Socket>()
  let server: Server
  function keep(socket: Socket): Socket {
    open.add(socket)
    return socket.on('error', () => {}).on('close', () => open.delete(socket))
  }
  async function mend(): Promise<void> {
    server = createServer((incoming) => {
      const onward = keep(connect(to(), '127.0.0.1'))
      keep(incoming).pipe(onward).pipe(incoming)
      incoming.on('close', () => onward.destroy())
      onward.on('close', () => incoming.destroy())
    })
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  }
  await mend()
  return {
    port,
    mend,
    async cut() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
