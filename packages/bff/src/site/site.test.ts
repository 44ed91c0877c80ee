import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '@latchkey/protocol'
import { type TestBff, testBff } from '@latchkey/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bff as nodeBff } from '../adapters/node.ts'

let root: string
let house: TestBff
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'bff-site-'))
  const folder = join(root, 'dist')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(root, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>App</title>')
  writeFileSync(join(folder, 'assets', 'main-B3xK9aQ1.js'), 'console.log(1)')
  writeFileSync(join(folder, '.env'), 'KEY=1')
  symlinkSync(join(root, 'secret.txt'), join(folder, 'out.txt'))
  house = await testBff({ bff: { site: { folder, headers: { 'content-security-policy': "default-src 'self'" } } } })
})
afterAll(async () => {
  await house.close()
  rmSync(root, { recursive: true })
})

const get = (path: string, init: RequestInit = {}) => house.bff.handle(new Request(house.origin + path, init), path)

describe('a built app in a folder', () => {
  test('is answered with its page at the root and at every path of its own', async () => {
    for (const path of ['/', '/orders/7', '/orders/?page=2']) {
      const answer = await get(path)
      expect([path, answer.status, await answer.text()]).toEqual([path, 200, '<!doctype html><title>App</title>'])
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(answer.headers.get('cache-control')).toBe('no-cache')
      expect(answer.headers.get('content-security-policy')).toBe("default-src 'self'")
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    }
  })
  test('keeps files for good whose name tells their content, and answers 304 to what is known', async () => {
    const answer = await get('/assets/main-B3xK9aQ1.js')
    expect([answer.status, await answer.text()]).toEqual([200, 'console.log(1)'])
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('cache-control')).toContain('immutable')
    const etag = answer.headers.get('etag') ?? ''
    expect((await get('/assets/main-B3xK9aQ1.js', { headers: { 'if-none-match': etag } })).status).toBe(304)
    const head = await get('/assets/main-B3xK9aQ1.js', { method: 'HEAD' })
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['14', ''])
  })
  test('has no file that is missing, hidden, linked from elsewhere or above it', async () => {
    for (const path of ['/assets/other.js', '/.env', '/out.txt', '/.git/config.txt', '/secret.txt']) {
      expect([path, (await get(path)).status]).toEqual([path, 404])
    }
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/..\\..\\secret.txt']) {
      expect([path, (await get(path)).status]).toEqual([path, 400])
    }
  })
  test('leaves endpoints and routes what they are, and takes GET and HEAD only', async () => {
    expect((await get('/bff/user')).status).toBe(403)
    expect((await get('/bff/other')).status).toBe(404)
    expect((await get('/api/x')).status).toBe(403)
    expect((await get('/', { method: 'POST' })).status).toBe(405)
    expect(house.bff.owns('/anything')).toBe(true)
  })
})

describe('a development server', () => {
  let vite: Server
  let front: Server
  let arrived: { url: string | undefined; headers: Record<string, unknown> }[] = []
  const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const listening = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return server
  }
  beforeAll(async () => {
    vite = await listening(
      createServer((request, response) => {
        arrived.push({ url: request.url, headers: request.headers })
        response.setHeader('set-cookie', 'dev=1').end(`dev ${request.url}`)
      }),
    )
    const node = house.another({ site: { devServer: originOf(vite) } })
    front = await listening(createServer(nodeBff(node.bff)))
  })
  afterAll(async () => {
    for (const server of [vite, front]) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('is asked for everything else, as it was asked for, without a header of ours and without cookies', async () => {
    arrived = []
    const answer = await fetch(`${originOf(front)}/@vite/client?import&t=1`, { headers: { cookie: 'a=b' } })
    expect([answer.status, await answer.text()]).toEqual([200, 'dev /@vite/client?import&t=1'])
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(arrived[0]?.headers).not.toHaveProperty('cookie')
    expect(arrived[0]?.headers.host).toBe(new URL(originOf(vite)).host)
    expect((await fetch(`${originOf(front)}/api/x`)).status).toBe(403)
    expect((await fetch(`${originOf(front)}/bff/user`, { headers: { 'x-csrf': '1' } })).status).toBe(401)
  })
})

test.each([
  [{}, 'give either folder'],
  [{ folder: '/nowhere/at/all' }, 'build the app first'],
  [{ folder: '.', devServer: 'http://127.0.0.1:1' }, 'give either folder'],
  [{ devServer: 'http://127.0.0.1:1/app' }, 'is no address such as'],
  [{ devServer: 'ftp://127.0.0.1:1' }, 'is no address such as'],
  [{ devServer: 'http://127.0.0.1:1', path: '/../x' }, 'plain path'],
])('the site %j is refused with its fix', (site, fix) => {
  expect(() => house.another({ site })).toThrow(ConfigError)
  expect(() => house.another({ site })).toThrow(fix)
})
