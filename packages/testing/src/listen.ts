import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'

export interface Listening {
  /** Such as http://127.0.0.1:40123. */
  readonly origin: string
  readonly port: number
  close(): Promise<void>
}

/** Serves a fetch handler over real HTTP on a free loopback port. */
export async function listen(handler: (request: Request) => Response | Promise<Response>): Promise<Listening> {
  const server = createAdaptorServer({ fetch: handler })
  // A test that keeps the machine busy for seconds must not meet connections closed for being idle.
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
