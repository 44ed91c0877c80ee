import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import {
  client,
  createTestBrowser,
  type Listening,
  listen,
  type TestBrowser,
  type TestProvider,
  testApi,
  testProvider,
  testRuntime,
} from '@latchkey/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const clientSecret = 'demo-bff-secret-demo-bff-secret-demo'
const folder = mkdtempSync(join(tmpdir(), 'demo-bff-'))
const running: ChildProcess[] = []
let provider: TestProvider
let servers: Listening[]
let env: Record<string, string>
let origin: string
let demo: ChildProcess

beforeAll(async () => {
  let answer: (request: Request) => Promise<Response> = async () => new Response(null, { status: 503 })
  const site = await listen((request) => answer(request))
  const api = await listen((request) => {
    const signedIn = request.headers.get('authorization')?.startsWith('Bearer ') === true
    return Response.json({ path: new URL(request.url).pathname }, { status: signedIn ? 200 : 401 })
  })
  servers = [site, api]
  provider = await testProvider({
    issuer: site.origin,
    runtime: testRuntime({ now: systemRuntime.now() }),
    moreClients: [
      client({
        client_id: 'demo-bff',
        client_secret: clientSecret,
        grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: ['http://127.0.0.1:6001/bff/callback'],
        require_consent: false,
      }),
    ],
  })
  answer = provider.provider.fetch
  env = {
    PORT: '0',
    ISSUER: site.origin,
    CLIENT_ID: 'demo-bff',
    CLIENT_SECRET: clientSecret,
    AUDIENCE: testApi,
    API_URL: api.origin,
    SESSION_DB: join(folder, 'sessions.db'),
    SESSION_KEY: Buffer.from(systemRuntime.randomBytes(32)).toString('base64url'),
  }
  demo = start(env)
  origin = await ready(demo)
})
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await provider.close()
  for (const server of servers) await server.close()
  rmSync(folder, { recursive: true, force: true })
})

function start(variables: Record<string, string>): ChildProcess {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=source', main], { env: variables, stdio: 'pipe' })
  running.push(child)
  return child
}

async function ready(child: ChildProcess): Promise<string> {
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk)
    const address = /^ready (http:\/\/\S+)$/m.exec(said)?.[1]
    if (address !== undefined) return address
  }
  throw new Error(`it never got ready: ${said}`)
}

const call = (browser: TestBrowser, path: string, method = 'GET') =>
  browser.fetch(origin + path, { method, headers: { 'x-csrf': '1' } })

async function signIn(): Promise<TestBrowser> {
  const browser = createTestBrowser()
  const { url } = await browser.open(`${origin}/bff/login`)
  const init = { method: 'POST', body: new URLSearchParams({ username: 'alice' }) }
  await browser.open(`${url}/sign-in`, { init: { ...init, headers: { origin: provider.issuer } } })
  return browser
}

test('the page and everything it links to is served, with a policy that allows no inline script and no other origin', async () => {
  const page = await fetch(origin)
  const html = await page.text()
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'; script-src 'self'; style-src 'self'/)
  expect(html).not.toMatch(/<script(?![^>]*src=)|<style|style=|onclick=/)
  for (const [, path = ''] of html.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|svg))"/g)) {
    expect([path, (await fetch(origin + path)).status]).toEqual([path, 200])
  }
})

test('a person signs in, both ways to the API work, and after taking the access back both answer 401', async () => {
  const browser = await signIn()
  expect(await (await call(browser, '/bff/user?format=object')).json()).toMatchObject({ name: 'Alice Doe' })
  for (const path of ['/api/external', '/api-local/external']) {
    expect(await (await call(browser, path)).json()).toEqual({ path: '/api/external' })
  }
  expect((await browser.fetch(`${origin}/api-local/revoke`, { method: 'POST' })).status).toBe(403)
  expect((await call(browser, '/api-local/revoke', 'POST')).status).toBe(204)
  for (const path of ['/api/external', '/api-local/external']) expect((await call(browser, path)).status).toBe(401)
})

test('SIGTERM ends it with code 0, and a session survives the restart', async () => {
  const browser = await signIn()
  demo.kill('SIGTERM')
  expect(await once(demo, 'exit')).toEqual([0, null])
  demo = start({ ...env, PORT: new URL(origin).port })
  expect(await ready(demo)).toBe(origin)
  expect((await call(browser, '/api/external')).status).toBe(200)
})

test('what is missing in the environment is named, all at once, and nothing listens', async () => {
  const child = start({ PORT: 'x' })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += String(chunk)
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(1)
  for (const name of ['PORT', 'CLIENT_ID', 'CLIENT_SECRET', 'AUDIENCE', 'SESSION_DB', 'SESSION_KEY']) {
    expect(said).toContain(`${name}: `)
  }
})

test('a session key of the wrong length is refused with the fix', async () => {
  const child = start({ ...env, SESSION_KEY: 'c2hvcnQ' })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += String(chunk)
  })
  const [code] = await once(child, 'close')
  expect(code).toBe(1)
  expect(said).toContain('give 32 random bytes')
})
