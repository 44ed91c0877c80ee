import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestBrowser, type TestBff, type TestBrowser, testBff } from '@latchkey/testing'
import express, { type Express } from 'express'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bff, bffApi, bffErrors } from './express.ts'

let house: TestBff
let server: Server
let origin: string
beforeEach(async () => {
  house = await testBff()
  server = createServer(application())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await house.close()
})

function application(): Express {
  const app = express()
  app.use(bff(house.bff))
  app.use('/local', bffApi(house.bff))
  app.get('/local/messages', async (req, res) => {
    const response = await req.bff.userAccessTokenFetch('apiClient')('messages')
    res.status(response.status).json(await response.json())
  })
  app.post('/local/revoke', async (req, res) => {
    await req.bff.revokeUserRefreshToken()
    res.status(204).end()
  })
  app.get('/local/length', async (req, res) => {
    res.json({ length: (await req.bff.getUserAccessToken()).length })
  })
  app.get('/local/broken', () => {
    throw new Error('a secret detail')
  })
  app.use(bffErrors(house.bff))
  return app
}

const get = (browser: TestBrowser, path: string, init: RequestInit = {}) =>
  browser.fetch(origin + path, { ...init, headers: { 'x-csrf': '1' } })

test('an Express application signs people in, calls the API for them and answers 401 once the access is taken back', async () => {
  const browser = await house.signIn()
  expect((await get(browser, '/bff/user')).status).toBe(200)
  expect(await (await get(browser, '/api/messages')).json()).toEqual({ hello: 'from the API' })
  expect(await (await get(browser, '/local/messages')).json()).toEqual({ hello: 'from the API' })
  expect((await (await get(browser, '/local/length')).json()).length).toBeGreaterThan(100)
  expect((await get(browser, '/local/revoke', { method: 'POST' })).status).toBe(204)
  for (const path of ['/local/messages', '/local/length', '/api/messages']) {
    const response = await get(browser, path)
    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toContain('application/problem+json')
  }
})

test('the application’s own API handlers need the CSRF header too', async () => {
  const browser = await house.signIn()
  expect((await browser.fetch(`${origin}/local/messages`)).status).toBe(403)
  expect((await browser.fetch(`${origin}/local/revoke`, { method: 'POST' })).status).toBe(403)
})

test('anonymous calls of handlers are answered with 401, and paths of nobody with Express’s 404', async () => {
  expect((await get(createTestBrowser(), '/local/messages')).status).toBe(401)
  expect((await get(createTestBrowser(), '/nothing')).status).toBe(404)
})

test('what is not the BFF’s error is left to Express', async () => {
  expect((await get(await house.signIn(), '/local/broken')).status).toBe(500)
})

test.each(['/api/../admin', '/api/%2e%2e/admin', '/api/..%2fadmin', '/bff/../api/x', '//api/x'])(
  'features 54: the request target %j is judged as it arrived, before any normalisation',
  async (path) => {
    expect(await rawStatus(path)).toBe(400)
  },
)

test('a sign-out link works through the door, in a form as well', async () => {
  const browser = await house.signIn()
  const claims = await (await get(browser, '/bff/user?format=object')).json()
  const sid = String(claims['bff:logout_url']).split('sid=')[1] ?? ''
  const out = await browser.fetch(`${origin}/bff/logout`, { method: 'POST', body: new URLSearchParams({ sid }) })
  expect(out.status).toBe(303)
  expect((await get(browser, '/bff/user')).status).toBe(401)
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
