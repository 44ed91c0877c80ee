import { once } from 'node:events'
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { ProxyRoute } from '@latchkey/bff'
import { type TestBff, type TestBffOptions, testBff } from '@latchkey/testing'
import { bff, bffServer } from '../adapters/node.ts'

/** A BFF behind a server of Node's own, and an API that is one too, so that both can be told apart byte by byte. */
export interface NodeHouse extends TestBff {
  /** Where browsers go. */
  readonly door: string
  readonly port: number
  readonly api: Server
  /** Everything of the API's, oldest first. */
  readonly arrived: readonly IncomingMessage[]
  /** Cookie and CSRF header of a person who has just signed in. */
  headers(): Promise<{ cookie: string; 'x-csrf': string }>
}

export interface NodeHouseOptions extends Omit<TestBffOptions, 'api' | 'routes'> {
  readonly api: RequestListener
  /** Of the route `/node`. */
  readonly route?: Partial<ProxyRoute>
}

export async function nodeHouse({ api, route, ...options }: NodeHouseOptions): Promise<NodeHouse> {
  const arrived: IncomingMessage[] = []
  const apiServer = createServer((request, response) => {
    arrived.push(request)
    api(request, response)
  })
  // Connections that were given up for an upgrade are the server's no longer.
  const sockets = new Set<Socket>()
  apiServer.on('connection', (socket: Socket) => void sockets.add(socket))
  const target = `http://127.0.0.1:${await listening(apiServer)}`
  const house = await testBff({ ...options, routes: () => [{ match: '/node', target, token: 'user', ...route }] })
  const server = createServer(bff(house.bff))
  const endWebSockets = bffServer(house.bff, server)
  const port = await listening(server)
  return Object.assign(house, {
    door: `http://127.0.0.1:${port}`,
    port,
    api: apiServer,
    arrived,
    async headers() {
      const { cookies } = await house.signIn()
      return { cookie: [...cookies].map((pair) => pair.join('=')).join('; '), 'x-csrf': '1' }
    },
    close: closing(house.close, async () => {
      endWebSockets()
      for (const socket of sockets) socket.destroy()
      for (const each of [server, apiServer]) {
        each.closeAllConnections()
        await new Promise((resolve) => each.close(resolve))
      }
    }),
  })
}

function closing(house: () => Promise<void>, servers: () => Promise<void>): () => Promise<void> {
  return async () => {
    await servers()
    await house()
  }
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly trailers: IncomingMessage['trailers']
  readonly body: string
}

export interface Asked {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
  readonly trailers?: [string, string][]
}

/** One request as a careful client of Node makes it. */
export function ask(url: string, { method = 'GET', headers = {}, body, trailers }: Asked = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        const { statusCode: status = 0 } = response
        resolve({ status, headers: response.headers, trailers: response.trailers, body: text })
      })
    })
    sent.on('error', reject)
    if (trailers !== undefined) sent.addTrailers(trailers)
    sent.end(body)
  })
}

/** A request whose body and answer stay in the test's hands. */
export function begin(house: Pick<NodeHouse, 'door'>, path: string, { method = 'POST', headers = {} }: Asked) {
  const sent = httpRequest(house.door + path, { method, headers, agent: false })
  sent.on('error', () => undefined)
  const answered = once(sent, 'response').then(([response]) => response as IncomingMessage)
  answered.catch(() => undefined)
  return { sent, answered }
}

/** What a server says to these very bytes until it closes the connection or `until` holds; then the connection is closed. */
export function raw(port: number, bytes: string, until: (said: string) => boolean = () => false): Promise<string> {
  return new Promise((resolve) => {
    let said = ''
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      said += chunk
      if (until(said)) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(said))
  })
}
