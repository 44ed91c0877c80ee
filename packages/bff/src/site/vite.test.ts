import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestBff, testBff } from '@latchkey/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bffServer, bff as nodeBff } from '../adapters/node.ts'

interface Vite {
  readonly httpServer: { address(): AddressInfo | string | null } | null
  listen(): Promise<unknown>
  close(): Promise<void>
}

let root: string
let house: TestBff
let vite: Vite
let front: Server
let origin: string
let endSockets: () => void

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'bff-vite-'))
  writeFileSync(
    join(root, 'index.html'),
    '<!doctype html><title>App</title><script type="module" src="/main.ts"></script>',
  )
  writeFileSync(join(root, 'main.ts'), 'const name: string = "typed"\nconsole.log(name)\n')
  const { createServer: createVite } = await import('vite')
  const server = { host: '127.0.0.1', port: 0, strictPort: false, watch: null }
  vite = await createVite({ root, server, configFile: false, logLevel: 'silent', optimizeDeps: { noDiscovery: true } })
  await vite.listen()
  const listening = vite.httpServer?.address() as AddressInfo | undefined
  const devServer = `http://127.0.0.1:${listening?.port}`
  house = await testBff()
  front = createServer()
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
  const node = house.another({ baseUrl: origin, site: { devServer } })
  front.on('request', nodeBff(node.bff))
  endSockets = bffServer(node.bff, front)
}, 30_000)
afterAll(async () => {
  endSockets()
  front.closeAllConnections()
  await new Promise((resolve) => front.close(resolve))
  await vite.close()
  await house.close()
  rmSync(root, { recursive: true })
})

/** Opens Vite's own WebSocket and resolves with its first words, or with the status of a refusal. */
function hotReload(token: string, from: string): Promise<string | number> {
  return new Promise((resolve, reject) => {
    const headers = {
      ...{ connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', origin: from },
      ...{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-protocol': 'vite-hmr' },
    }
    const asked = request(`${origin}/?token=${token}`, { headers })
    asked.on('response', (answer: IncomingMessage) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asked.on('upgrade', (_answer: IncomingMessage, socket: Socket, head: Buffer) => {
      const heard = (bytes: Buffer) => {
        socket.destroy()
        resolve(bytes.subarray(2).toString())
      }
      if (head.length > 0) heard(head)
      else socket.once('data', heard)
    })
    asked.on('error', reject).end()
  })
}

test('a real development server answers page, modules and its WebSocket through the BFF, to our own page alone', async () => {
  const page = await (await fetch(`${origin}/some/page`, { headers: { accept: 'text/html' } })).text()
  expect(page).toContain('<script type="module" src="/@vite/client">')
  expect(await (await fetch(`${origin}/main.ts`)).text()).toContain('const name = "typed"')
  const client = await (await fetch(`${origin}/@vite/client`)).text()
  const token = /wsToken = "([^"]+)"/.exec(client)?.[1] ?? ''
  expect(token).not.toBe('')
  expect(await hotReload(token, origin)).toBe('{"type":"connected"}')
  expect(await hotReload(token, 'http://evil.test')).toBe(403)
})
