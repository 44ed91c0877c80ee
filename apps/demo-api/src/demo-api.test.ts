import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'

const audience = 'https://api.example.com'
const page = 'http://localhost:4200'
let issuer: string
let keyServer: Server
let api: ChildProcess
let origin: string
let token: (claims?: Record<string, unknown>) => Promise<string>

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const keys = [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }]
  keyServer = createServer((request, response) => {
    const body = request.url === '/jwks' ? { keys } : { issuer, jwks_uri: `${issuer}/jwks` }
    response.end(JSON.stringify(body))
  }).listen(0, '127.0.0.1')
  await once(keyServer, 'listening')
  issuer = `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}`
  token = (claims = {}) =>
    new SignJWT({ iss: issuer, aud: audience, sub: 'alice', client_id: 'spa', jti: 'j', scope: 'openid', ...claims })
      .setProtectedHeader({ typ: 'at+jwt', alg: 'ES256', kid: 'k' })
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey)
  api = spawn(process.execPath, ['--conditions=source', fileURLToPath(new URL('main.ts', import.meta.url))], {
    env: {
      ...process.env,
      PORT: '0',
      ISSUER: issuer,
      AUDIENCE: audience,
      ALLOWED_ORIGINS: `${page}, http://127.0.0.1:4200`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(api.stdout ?? api, 'data')) as [Buffer]
  origin = /^ready (http:\/\/127\.0\.0\.1:\d+)$/m.exec(line.toString())?.[1] ?? ''
})
afterAll(() => {
  api.kill('SIGKILL')
  keyServer.closeAllConnections()
  keyServer.close()
})

async function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
  const response = await fetch(origin + path, { headers })
  return { status: response.status, body: await response.json() }
}

test('/api/public answers anyone', async () => {
  expect(await get('/api/public')).toMatchObject({ status: 200, body: { message: expect.any(String) } })
})

test('/api/external says whose token it was given, and refuses without one', async () => {
  const authorization = `Bearer ${await token()}`
  expect(await get('/api/external', { authorization })).toMatchObject({
    status: 200,
    body: { sub: 'alice', client_id: 'spa', scope: 'openid', message: expect.any(String) },
  })
  expect(await get('/api/external')).toMatchObject({ status: 401 })
  expect(await get('/api/external', { authorization: `Bearer ${await token({ aud: 'else' })}` })).toMatchObject({
    status: 401,
    body: { error: 'invalid_token' },
  })
})

test('/api/messages wants the scope read:messages', async () => {
  expect(await get('/api/messages', { authorization: `Bearer ${await token()}` })).toMatchObject({ status: 403 })
  const authorization = `Bearer ${await token({ scope: 'read:messages' })}`
  expect(await get('/api/messages', { authorization })).toMatchObject({ status: 200, body: { messages: [{}] } })
})

test('scripts of an allowed origin may send a token and read the challenge', async () => {
  const preflight = await fetch(`${origin}/api/external`, {
    method: 'OPTIONS',
    headers: {
      origin: page,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    },
  })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-origin')).toBe(page)
  expect(preflight.headers.get('access-control-allow-headers')).toMatch(/authorization/i)
  expect(preflight.headers.get('access-control-allow-credentials')).toBeNull()
  const refused = await fetch(`${origin}/api/external`, { headers: { origin: page } })
  expect(refused.headers.get('access-control-allow-origin')).toBe(page)
  expect(refused.headers.get('access-control-expose-headers')).toMatch(/WWW-Authenticate/)
})

test.each([`${page}.evil.test`, 'null', 'http://localhost:42000'])('the origin %s is not allowed', async (other) => {
  const response = await fetch(`${origin}/api/public`, { headers: { origin: other } })
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
  expect(response.headers.get('vary')).toMatch(/Origin/)
})

test('features 37: an unknown route and a malformed one are JSON without a stack', async () => {
  expect(await get('/api/nothing')).toMatchObject({ status: 404, body: { title: 'Not Found' } })
  const malformed = await fetch(`${origin}/%ff`)
  expect(malformed.headers.get('content-type')).toMatch(/json/)
  expect(await malformed.text()).not.toMatch(/node_modules|at /)
})

test('SIGTERM ends it at once, with connections open', async () => {
  api.kill('SIGTERM')
  const [code] = (await once(api, 'exit')) as [number]
  expect(code).toBe(0)
})
