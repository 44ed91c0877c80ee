import { createServer, type IncomingMessage, type Server } from 'node:http'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { afterEach, expect, test } from 'vitest'
import { createAuthenticatedFetch } from './authenticated-fetch.ts'
import type { TokenManager } from './token-manager.ts'
import type { TokenSet } from './token-set.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

interface Seen {
  readonly authorization: string | undefined
  readonly body: string
}

/** An API that accepts one token and remembers what came. */
async function api(accepted: string, redirectTo?: string): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    seen.push({ authorization: request.headers.authorization, body: await read(request) })
    if (request.url === '/away' && redirectTo !== undefined) {
      response.writeHead(302, { location: redirectTo }).end()
      return
    }
    response.writeHead(request.headers.authorization === `Bearer ${accepted}` ? 200 : 401).end()
  })
  servers.push(server)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, seen }
}

async function read(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

function set(accessToken: string): TokenSet {
  return {
    accessToken,
    tokenType: 'Bearer',
    issuedAt: 0,
    expiresAt: 60,
    scope: [],
    refreshToken: null,
    idToken: null,
    claims: null,
    renewals: 0,
  }
}

function holder(first: string | null, renewed: string | null) {
  const rejected: string[] = []
  const tokens: TokenManager = {
    get: async () => (first === null ? null : set(first)),
    renew: async (token) => {
      rejected.push(token)
      return renewed === null ? null : set(renewed)
    },
  }
  return { tokens, rejected }
}

const runtime = systemRuntime

test('RFC 6750 §2.1: the token goes in the header where the address allows it, and nowhere else', async () => {
  const own = await api('a')
  const other = await api('a')
  const { tokens } = holder('a', null)
  const fetch = createAuthenticatedFetch({ tokens, allows: (url) => url.startsWith(`${own.url}/`), runtime })
  expect((await fetch(`${own.url}/x`)).status).toBe(200)
  expect((await fetch(`${other.url}/x`)).status).toBe(401)
  expect(other.seen[0]?.authorization).toBeUndefined()
})

test('a 401 brings one renewal and one replay with the same body', async () => {
  const own = await api('fresh')
  const { tokens, rejected } = holder('stale', 'fresh')
  const fetch = createAuthenticatedFetch({ tokens, allows: () => true, runtime })
  const response = await fetch(new Request(`${own.url}/x`, { method: 'POST', body: 'hello' }))
  expect(response.status).toBe(200)
  expect(rejected).toEqual(['stale'])
  expect(own.seen.map((request) => request.body)).toEqual(['hello', 'hello'])
})

test('a second 401 is the answer: there is no loop', async () => {
  const own = await api('never')
  const { tokens, rejected } = holder('stale', 'fresh')
  const fetch = createAuthenticatedFetch({ tokens, allows: () => true, runtime })
  expect((await fetch(`${own.url}/x`)).status).toBe(401)
  expect(own.seen).toHaveLength(2)
  expect(rejected).toHaveLength(1)
})

test('a streamed body is sent once: its 401 comes back without a replay', async () => {
  const own = await api('fresh')
  const { tokens, rejected } = holder('stale', 'fresh')
  const fetch = createAuthenticatedFetch({ tokens, allows: () => true, runtime })
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('once'))
      controller.close()
    },
  })
  const init = { method: 'POST', body, duplex: 'half' } as RequestInit
  expect((await fetch(`${own.url}/x`, init)).status).toBe(401)
  expect(rejected).toEqual([])
  expect(own.seen).toHaveLength(1)
})

test('without a session the request goes out bare and the API answers for itself', async () => {
  const own = await api('a')
  const { tokens } = holder(null, null)
  const fetch = createAuthenticatedFetch({ tokens, allows: () => true, runtime })
  expect((await fetch(`${own.url}/x`)).status).toBe(401)
  expect(own.seen[0]?.authorization).toBeUndefined()
})

test('a redirect to another origin does not take the token along', async () => {
  const foreign = await api('a')
  const own = await api('a', `${foreign.url}/caught`)
  const { tokens } = holder('a', 'a')
  const fetch = createAuthenticatedFetch({ tokens, allows: (url) => url.startsWith(`${own.url}/`), runtime })
  await fetch(`${own.url}/away`)
  expect(own.seen[0]?.authorization).toBe('Bearer a')
  expect(foreign.seen).toHaveLength(1)
  expect(foreign.seen[0]?.authorization).toBeUndefined()
})
