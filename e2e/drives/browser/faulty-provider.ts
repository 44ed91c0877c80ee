import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { client, testProvider, testRuntime } from '@latchkey/testing'

export interface Faults {
  readonly accessTokenSeconds: number
  /** How long the token endpoint takes, at random between the two. */
  readonly delaySeconds: readonly [number, number]
  /** One in so many refresh answers never arrives, none of infinitely many: the provider has rotated, the connection breaks. */
  readonly dropOneIn: number
  /** How long a rotated token still brings the same successor. */
  readonly graceSeconds: number
}

/** What the provider has seen of renewals. */
export interface RenewalCount {
  /** Refresh requests that reached it. */
  readonly requests: number
  readonly droppedAnswers: number
  /** Refresh tokens that were sent more often than an answer to them was lost. */
  readonly sentTwice: number
  /** Families that it ended because a rotated token came again. */
  readonly reuses: number
  /** Refresh requests that it refused. */
  readonly refused: number
}

export interface FaultyProvider {
  readonly issuer: string
  count(): RenewalCount
  close(): Promise<void>
}

/** A real provider with strict rotation behind a slow and lossy token endpoint, on the real clock. */
export async function faultyProvider(appOrigin: string, faults: Faults): Promise<FaultyProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const house = await testProvider({
    issuer,
    runtime: { ...testRuntime(), now: systemRuntime.now, schedule: systemRuntime.schedule },
    lifetimes: { access_token: faults.accessTokenSeconds, refresh_token_grace: faults.graceSeconds },
    moreClients: [
      client({
        client_id: 'driven',
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${appOrigin}/`, `${appOrigin}/silent-callback.html`],
        post_logout_redirect_uris: [`${appOrigin}/`],
        token_endpoint_auth_method: 'none',
        require_consent: false,
      }),
    ],
  })
  const sent = new Map<string, number>()
  const lost = new Map<string, number>()
  let [requests, droppedAnswers, refused] = [0, 0, 0]
  /** Which of the next answers is lost: one of each block, at random, so that a short run has its share. */
  let unlucky = Math.floor(fraction() * faults.dropOneIn)
  let answered = 0
  const isUnlucky = () => {
    const place = answered++ % faults.dropOneIn
    const hit = place === unlucky
    if (place === faults.dropOneIn - 1) unlucky = Math.floor(fraction() * faults.dropOneIn)
    return hit
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await requestOf(incoming, issuer)
    const form = request.method === 'POST' && request.url.endsWith('/token') ? await formOf(request) : null
    const token = form?.get('refresh_token') ?? null
    if (token !== null) {
      requests++
      sent.set(token, (sent.get(token) ?? 0) + 1)
      const [least, most] = faults.delaySeconds
      await pause(least + fraction() * (most - least))
    }
    const response = await house.provider.fetch(request)
    if (token !== null && response.status === 400) refused++
    if (token !== null && response.ok && isUnlucky()) {
      droppedAnswers++
      lost.set(token, (lost.get(token) ?? 0) + 1)
      incoming.socket.destroy()
      return
    }
    outgoing.writeHead(response.status, headersOf(response))
    outgoing.end(Buffer.from(await response.arrayBuffer()))
  }
  server.on('request', (incoming, outgoing) => {
    serve(incoming, outgoing).catch((error: unknown) => {
      console.error(error)
      incoming.socket.destroy()
    })
  })
  return {
    issuer,
    count: () => ({
      requests,
      droppedAnswers,
      refused,
      sentTwice: [...sent].filter(([token, times]) => times - (lost.get(token) ?? 0) > 1).length,
      reuses: house.events.filter(({ type }) => type === 'refresh.reused').length,
    }),
    async close() {
      server.closeAllConnections()
      server.close()
      await house.close()
    },
  }
}

async function requestOf(incoming: IncomingMessage, issuer: string): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, [value].flat().join(', '))
  const method = incoming.method ?? 'GET'
  const body = method === 'POST' ? Buffer.concat(chunks) : null
  return new Request(issuer + incoming.url, { method, headers, body })
}

async function formOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.clone().text())
}

function headersOf(response: Response): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.fromEntries(response.headers)
  const cookies = response.headers.getSetCookie()
  if (cookies.length > 0) headers['set-cookie'] = cookies
  return headers
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}

function fraction(): number {
  return (systemRuntime.randomBytes(1)[0] ?? 0) / 256
}
