import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RoundRobin {
  readonly url: string
  close(): Promise<void>
}

/** A small proxy: each request goes to the next node; one that cannot be reached is passed over, one that dies answers 502. */
export async function startRoundRobin(port: number, nodes: readonly number[]): Promise<RoundRobin> {
  let turn = 0
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const order = nodes.map((_, index) => nodes[(turn + index) % nodes.length] ?? 0)
      turn++
      pass(incoming, outgoing, { body: Buffer.concat(chunks), order })
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Passing {
  readonly body: Buffer
  readonly order: readonly number[]
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse, { body, order }: Passing): void {
  const [port, ...others] = order
  if (port === undefined) return void outgoing.writeHead(502).end()
  const { method, url, headers } = incoming
  const onward = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(outgoing)
    response.on('error', () => outgoing.destroy())
  })
  onward.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED') return pass(incoming, outgoing, { body, order: others })
    if (outgoing.headersSent) outgoing.destroy()
    else outgoing.writeHead(502).end()
  })
  onward.end(body)
}
