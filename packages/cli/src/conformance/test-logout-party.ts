import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { partyCertificate, trustPartyCertificate } from './test-party-certificate.ts'

export interface PartyRequest {
  readonly method: string
  readonly query: URLSearchParams
  readonly contentType: string
  readonly body: string
}

/** The suite's addresses behind https: writes down what the server under test sends to them. */
export interface LogoutParty {
  readonly origin: string
  /** The first request to a path that ends so, as soon as it comes. */
  got(path: string): Promise<PartyRequest>
  close(): Promise<void>
}

export async function openLogoutParty(): Promise<LogoutParty> {
  trustPartyCertificate()
  const seen: { readonly path: string; readonly request: PartyRequest }[] = []
  const waiting: (() => void)[] = []
  const server = createServer(partyCertificate, async (request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'https://party')
    let body = ''
    for await (const chunk of request) body += chunk
    const contentType = request.headers['content-type'] ?? ''
    seen.push({ path: pathname, request: { method: request.method ?? '', query, contentType, body } })
    for (const wake of waiting.splice(0)) wake()
    response.setHeader('cache-control', 'no-store').end()
  })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `https://127.0.0.1:${port}`,
    async got(path) {
      for (;;) {
        const found = seen.findIndex((each) => each.path.endsWith(path))
        if (found >= 0) return seen.splice(found, 1)[0]?.request as PartyRequest
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
