import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { partyCertificate } from './test-party-certificate.ts'

/** What came to the redirect URI. */
export interface Callback {
  readonly method: string
  readonly contentType: string
  readonly query: URLSearchParams
  readonly form: URLSearchParams
}

/** The suite as the server under test sees it: a relying party behind https that shows documents and takes answers. */
export interface Party {
  readonly origin: string
  readonly redirectUri: string
  /** Puts a document at a path below the origin; returns its address. */
  show(path: string, type: string, body: string): string
  /** What came to the redirect URI since the last time, oldest first. */
  takeCallbacks(): readonly Callback[]
  close(): Promise<void>
}

const callbackPath = '/test/a/latchkey/callback'

export async function openParty(): Promise<Party> {
  const documents = new Map<string, { readonly type: string; readonly body: string }>()
  let callbacks: Callback[] = []
  const server = createServer(partyCertificate, async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'https://party')
    const document = documents.get(url.pathname)
    if (url.pathname === callbackPath) callbacks.push(await readCallback(request, url))
    else if (document === undefined) response.statusCode = 404
    response.setHeader('content-type', document?.type ?? 'text/html')
    response.end(document?.body ?? '<title>Thank you</title><p id="submission_complete">')
  })
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve))
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    redirectUri: origin + callbackPath,
    show(path, type, body) {
      documents.set(path, { type, body })
      return origin + path
    },
    takeCallbacks() {
      const taken = callbacks
      callbacks = []
      return taken
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readCallback(request: IncomingMessage, url: URL): Promise<Callback> {
  let body = ''
  for await (const chunk of request) body += chunk
  return {
    method: request.method ?? '',
    contentType: request.headers['content-type'] ?? '',
    query: url.searchParams,
    form: new URLSearchParams(body),
  }
}
