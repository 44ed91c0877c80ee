import type { Server } from 'node:http'
import { ConfigError } from '@latchkey/protocol'
import { createTestBrowser, type TestBff, testBff } from '@latchkey/testing'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bff, bffApi } from './express.ts'
import { bffApi as fastifyApi } from './fastify.ts'
import { bff as honoBff } from './hono.ts'

let house: TestBff
beforeAll(async () => {
  house = await testBff()
})
afterAll(() => house.close())

const problemsOf = (work: () => unknown): readonly string[] => {
  try {
    work()
    return []
  } catch (error) {
    return error instanceof ConfigError ? error.problems : [String(error)]
  }
}

describe('Express refuses at start', () => {
  const json = express.json()
  const urlencoded = express.urlencoded({ extended: false })
  test('body parsers in front of the BFF, each by name', () => {
    const app = express().use(json).use(urlencoded)
    expect(problemsOf(() => app.use(bff(house.bff)))).toEqual([
      expect.stringContaining('before jsonParser'),
      expect.stringContaining('before urlencodedParser'),
    ])
    expect(problemsOf(() => express().use(json, bff(house.bff)))).toHaveLength(1)
  })
  test('the BFF anywhere but at the root', () => {
    expect(problemsOf(() => express().use('/app', bff(house.bff)))).toEqual([expect.stringContaining('not at "/app"')])
  })
  test('guards in front of the BFF, and guards without one', () => {
    expect(problemsOf(() => express().use('/local', bffApi(house.bff)))).toEqual([
      expect.stringContaining('mount bff(core) on the same app before it'),
    ])
  })
  test('nothing that is in order', () => {
    const app = () => express().use(bff(house.bff)).use('/local', bffApi(house.bff)).use(json)
    expect(problemsOf(app)).toEqual([])
  })
})

test('a guard in a Router without the BFF fails with the fix at the first request', async () => {
  const failures: unknown[] = []
  const app = express().use(express.Router().use(bffApi(house.bff)))
  app.use(((error, _req, res, _next) => {
    failures.push(error)
    res.status(500).end()
  }) as express.ErrorRequestHandler)
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(500)
  expect(String(failures[0])).toContain('mount bff(core) on the app before its routers')
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

test('Fastify names a guarded route outside of what the BFF was given', async () => {
  const app = fastify()
  app.decorateRequest('bff', null as never)
  app.get('/local', { preHandler: fastifyApi(house.bff) }, async () => 'never')
  const answer = await app.inject({ url: '/local', headers: { 'x-csrf': '1' } })
  expect([answer.statusCode, answer.json().message]).toEqual([500, expect.stringContaining('bff(core)(app)')])
  await app.close()
})

test('Hono names a body that was read before the BFF', async () => {
  const failures: unknown[] = []
  const app = new Hono()
  app.use(async (c, next) => {
    await c.req.text()
    await next()
  })
  app.use(honoBff(house.bff))
  app.onError((error, c) => {
    failures.push(error)
    return c.text('', 500)
  })
  const request = new Request(`${house.origin}/api/x`, { method: 'POST', body: '{}', headers: { 'x-csrf': '1' } })
  expect((await app.request(request)).status).toBe(500)
  expect(String(failures[0])).toContain('before whatever reads bodies')
})

describe('handlers of the application’s own', () => {
  const ask = (headers: Record<string, string>, rule?: { anonymous: boolean }) =>
    house.bff.refuseLocal(new Request(`${house.origin}/local`, { headers }), rule)
  test('answer 403 to other pages and 401 to nobody, never with a redirect', async () => {
    expect((await ask({}))?.status).toBe(403)
    expect((await ask({ 'x-csrf': '1', 'sec-fetch-site': 'cross-site' }))?.status).toBe(403)
    const nobody = await ask({ 'x-csrf': '1' })
    expect([nobody?.status, nobody?.headers.get('location')]).toEqual([401, null])
    expect(await nobody?.json()).toMatchObject({ code: 'not_signed_in', login_url: '/bff/login' })
  })
  test('let in who is signed in, and everybody from our own page where a rule says so', async () => {
    const browser = await house.signIn()
    const cookie = [...browser.cookies].map((pair) => pair.join('=')).join('; ')
    expect(await ask({ 'x-csrf': '1', cookie })).toBeNull()
    expect(await ask({ 'x-csrf': '1' }, { anonymous: true })).toBeNull()
    expect((await ask({}, { anonymous: true }))?.status).toBe(403)
    expect(createTestBrowser().cookies.size).toBe(0)
  })
})
