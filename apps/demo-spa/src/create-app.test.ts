import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from './create-app.ts'

let api: Server
let root: string
let app: Hono
let answer: (request: IncomingMessage, response: ServerResponse) => void
let apiUrl: string

beforeAll(async () => {
  api = createServer((request, response) => answer(request, response))
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  root = mkdtempSync(join(tmpdir(), 'demo-spa-'))
  mkdirSync(join(root, 'assets'))
  writeFileSync(join(root, 'index.html'), '<!doctype html><title>demo</title>')
  writeFileSync(join(root, 'main-ABCDEFG1.js'), 'export {}')
  app = appFor(apiUrl)
})

afterAll(async () => {
  rmSync(root, { recursive: true })
  await new Promise((resolve) => api.close(resolve))
})

function appFor(url: string): Hono {
  const settings = {
    port: 0,
    host: '127.0.0.1',
    issuer: 'https://id.example.com',
    clientId: 'demo',
    audience: 'https://api.example.com',
    apiUrl: url,
    bffUrl: '',
  }
  return createApp({ settings, runtime: systemRuntime, root, trustedTypes: 'angular' })
}

describe('the built application', () => {
  test('answers every client route with its page, which is asked for anew each time', async () => {
    for (const path of ['/', '/profile', '/callback?code=x&state=y']) {
      const response = await app.request(path)
      expect(await response.text()).toContain('<title>demo</title>')
      expect(response.headers.get('cache-control')).toBe('no-cache')
    }
  })

  test('has files with a hash in their name kept for ever, and no page in place of a missing one', async () => {
    expect((await app.request('/main-ABCDEFG1.js')).headers.get('cache-control')).toContain('immutable')
    expect((await app.request('/main-ABCDEFG2.js')).status).toBe(404)
  })

  test('learns where everything is at /config.json, so that a moved port needs no new build', async () => {
    const config: unknown = await (await app.request('/config.json')).json()
    expect(config).toEqual({
      mode: 'browser',
      issuer: 'https://id.example.com',
      clientId: 'demo',
      audience: 'https://api.example.com',
      apiUrl,
      bffUrl: '',
    })
  })

  test('comes under a policy without inline script or style, open to provider and API alone', async () => {
    const policy = (await app.request('/')).headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'self'")
    expect(policy).toContain(`connect-src 'self' https://id.example.com ${apiUrl}`)
    expect(policy).not.toContain('unsafe')
  })
})

describe('/api', () => {
  test('passes method, path, query, body and token on, and the answer back', async () => {
    const seen: { line: string; authorization: string | undefined; body: string }[] = []
    answer = (request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        seen.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization, body })
        response.writeHead(401, { 'content-type': 'application/problem+json', 'www-authenticate': 'Bearer' }).end('{}')
      })
    }
    const response = await app.request('/api/external?page=2', {
      method: 'POST',
      headers: { authorization: 'Bearer one' },
      body: 'hello',
    })
    expect(seen).toEqual([{ line: 'POST /api/external?page=2', authorization: 'Bearer one', body: 'hello' }])
    expect([response.status, response.headers.get('www-authenticate'), await response.text()]).toEqual([
      401,
      'Bearer',
      '{}',
    ])
  })

  test('features 54: forwards no cookie, sets none, and follows no redirect', async () => {
    const cookies: (string | undefined)[] = []
    answer = (request, response) => {
      cookies.push(request.headers.cookie)
      response.writeHead(302, { location: 'http://elsewhere.example.com/', 'set-cookie': 'a=b' }).end()
    }
    const response = await app.request('/api/moved', { headers: { cookie: 'session=1' } })
    expect(cookies).toEqual([undefined])
    expect([response.status, response.headers.get('set-cookie')]).toEqual([302, null])
  })

  test('features 54: goes to the one API whatever the path tries', async () => {
    const urls: (string | undefined)[] = []
    answer = (request, response) => {
      urls.push(request.url)
      response.end('{}')
    }
    await app.request('/api/@evil.example.com/x')
    await app.request('/api//evil.example.com/x')
    expect(urls).toEqual(['/api/@evil.example.com/x', '/api//evil.example.com/x'])
  })

  test('features 54: hands on the first bytes of an answer before the last are written', async () => {
    let finish = () => {}
    answer = (_request, response) => {
      response.write('first')
      finish = () => response.end('last')
    }
    const reader = (await app.request('/api/stream')).body?.getReader()
    const decoder = new TextDecoder()
    expect(decoder.decode((await reader?.read())?.value)).toBe('first')
    finish()
    expect(decoder.decode((await reader?.read())?.value)).toBe('last')
  })

  test('says which API is away, with 502', async () => {
    const response = await appFor('http://127.0.0.1:1').request('/api/external')
    expect(response.status).toBe(502)
    expect(await response.json()).toMatchObject({ detail: 'The API at http://127.0.0.1:1 does not answer.' })
  })
})
