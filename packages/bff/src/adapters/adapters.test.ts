import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createTestBrowser, type TestBff, testBff } from '@latchkey/testing'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bff } from '../bff.ts'
import { bffErrors, bffApi as expressApi, bff as expressBff } from './express.ts'
import { bffApi as fastifyApi, bff as fastifyBff } from './fastify.ts'
import { bffApi as honoApi, bff as honoBff } from './hono.ts'
import { bffHandlers, withBff } from './next.ts'
import { bff as nodeBff } from './node.ts'

/** The same application behind each door: a guarded handler that calls the API for the person. */
const doors: Readonly<Record<string, (core: Bff) => Promise<Server>>> = {
  async express(core) {
    const app = express().use(expressBff(core))
    app.get('/local/messages', expressApi(core), async (req, res) => {
      res.json(await (await req.bff.userAccessTokenFetch('apiClient')('messages')).json())
    })
    return createServer(app.use(bffErrors(core)))
  },
  async fastify(core) {
    const app = fastify()
    fastifyBff(core)(app)
    app.get('/local/messages', { preHandler: fastifyApi(core) }, async (request) =>
      (await request.bff.userAccessTokenFetch('apiClient')('messages')).json(),
    )
    await app.ready()
    return app.server
  },
  async hono(core) {
    const app = new Hono().use(honoBff(core)).use('/local/*', honoApi(core))
    app.get('/local/messages', (c) => c.get('bff').userAccessTokenFetch('apiClient')('messages'))
    return createAdaptorServer(app) as Server
  },
  async next(core) {
    const own = withBff(core, (_request, bff) => bff.userAccessTokenFetch('apiClient')('messages'))
    const { GET, POST } = bffHandlers(core)
    return createAdaptorServer({
      fetch(request) {
        if (new URL(request.url).pathname === '/local/messages') return own(request)
        return request.method === 'POST' ? POST(request) : GET(request)
      },
    }) as Server
  },
  async node(core) {
    const own = withBff(core, (_request, bff) => bff.userAccessTokenFetch('apiClient')('messages'))
    const local = createAdaptorServer({ fetch: own }) as Server
    return createServer(nodeBff(core, (request, response) => void local.emit('request', request, response)))
  },
}

let house: TestBff
let server: Server
let origin: string
beforeEach(async () => {
  house = await testBff()
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await house.close()
})

async function serve(door: string): Promise<void> {
  const make = doors[door]
  if (make === undefined) throw new Error(`no door ${door}`)
  server = await make(house.bff)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const csrf = { headers: { 'x-csrf': '1' } }

describe.each(Object.keys(doors))('the door for %s', (door) => {
  test('answers the BFF’s endpoints and routes, and hands the application its fetch', async () => {
    await serve(door)
    const browser = await house.signIn()
    expect((await browser.fetch(`${origin}/bff/user`, csrf)).status).toBe(200)
    for (const path of ['/api/messages', '/local/messages']) {
      expect(await (await browser.fetch(origin + path, csrf)).json()).toEqual({ hello: 'from the API' })
    }
    const body = new URLSearchParams({ sid: 'guess' })
    expect((await browser.fetch(`${origin}/bff/logout`, { method: 'POST', body })).status).toBe(400)
  })
  test('answers 401 for nobody and 403 without the CSRF header, as problems', async () => {
    await serve(door)
    for (const [path, init, status] of [
      ['/local/messages', csrf, 401],
      ['/api/messages', csrf, 401],
      ['/local/messages', {}, 403],
      ['/api/messages', {}, 403],
    ] as const) {
      const answer = await createTestBrowser().fetch(origin + path, init)
      expect([path, answer.status]).toEqual([path, status])
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
    }
  })
})

// Next and other Fetch platforms tidy a path up before anyone sees it: `..` never arrives there.
const raw = Object.keys(doors).filter((door) => door !== 'next')
test.each(raw)('features 54: the door for %s judges the request target as it arrived', async (door) => {
  await serve(door)
  for (const path of ['/api/../admin', '/api/%2e%2e/admin', '/api/..%2fadmin', '//api/x']) {
    expect([path, await rawStatus(path)]).toEqual([path, 400])
  }
})

test('a body parser in front of the BFF that no start can see is refused by the first request, instead of passing on an empty body', async () => {
  const app = express()
  app.use(express.Router().use(express.json(), expressBff(house.bff)))
  const failures: string[] = []
  app.use(((error: Error, _req, res, _next) => {
    failures.push(error.message)
    res.status(500).end()
  }) as express.ErrorRequestHandler)
  server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const headers = { 'content-type': 'application/json', 'x-csrf': '1' }
  const answer = await fetch(`http://127.0.0.1:${port}/api/x`, { method: 'POST', body: '{}', headers })
  expect(answer.status).toBe(500)
  expect(failures).toEqual([expect.stringContaining('before body parsers')])
})

/** Sends a path as it is written: fetch would tidy it up first. */
function rawStatus(path: string): Promise<number | undefined> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, headers: { 'x-csrf': '1' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('error', reject).end()
  })
}
