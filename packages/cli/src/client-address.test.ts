import { basic, encodeForm } from '@latchkey/testing'
import { afterEach, expect, test } from 'vitest'
import { createClientAddress } from './client-address.ts'
import { parseConfig } from './config/read-config.ts'
import { type RunningServer, serve } from './serve.ts'

let server: RunningServer | undefined
afterEach(() => server?.close())

const secret = 'a-secret-of-a-machine-that-nobody-guesses'
const client = { client_id: 'machine', client_secret: secret, grant_types: ['client_credentials'], scope: 'jobs:run' }

async function start(wrongSecrets: object): Promise<RunningServer> {
  const text = JSON.stringify({
    issuer: 'http://127.0.0.1:0',
    listen: { port: 0 },
    store: 'memory',
    clients: [client],
    wrong_secrets: wrongSecrets,
  })
  server = await serve(parseConfig({ name: 'c.json', text, directory: '.', environment: {} }))
  return server
}

async function present({ issuer }: RunningServer, given: string, headers: Record<string, string> = {}) {
  const body = encodeForm({ grant_type: 'client_credentials' })
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { ...headers, authorization: basic('machine', given) },
    body,
  })
  await answer.arrayBuffer()
  return answer.status
}

test('RFC 6749 §2.3.1: behind a proxy guesses count by the address that the proxy names, whatever the client writes before it', async () => {
  const running = await start({ most: 2, address_header: 'X-Forwarded-For' })
  let claimed = 1
  const from = (address: string) => ({ 'x-forwarded-for': `198.51.100.${claimed++}, ${address}` })
  const statuses: number[] = []
  for (const given of ['one', 'two', 'three', secret]) statuses.push(await present(running, given, from('203.0.113.7')))
  expect(statuses).toEqual([401, 401, 429, 429])
  expect(await present(running, secret, from('203.0.113.8'))).toBe(200)
})

test('a proxy that is not named keeps nobody out: everybody has its address', async () => {
  const running = await start({ most: 1 })
  for (const given of ['one', 'two', 'three']) expect(await present(running, given)).toBe(401)
  expect(await present(running, secret)).toBe(200)
})

const read = (settings: { addressHeader: string | null; proxies: number }, header: string) => {
  const request = new Request('https://id.example.com/token', { headers: { 'x-forwarded-for': header } })
  return createClientAddress({ most: 20, windowSeconds: 300, ...settings })(request)
}

test.each([
  [1, '198.51.100.1, 203.0.113.7', '203.0.113.7'],
  [2, '198.51.100.1, 203.0.113.7,10.0.0.1', '203.0.113.7'],
  [1, '203.0.113.7:51234', '203.0.113.7'],
  [1, '[2001:db8::1]:51234', '2001:db8::1'],
  [1, '2001:db8::1', '2001:db8::1'],
  [1, '10.1.2.3', '10.1.2.3'],
  [2, '203.0.113.7', null],
  [1, 'unknown', null],
  [1, '', null],
])('with %d proxies the header "%s" names %s', (proxies, header, address) => {
  expect(read({ addressHeader: 'x-forwarded-for', proxies }, header)).toBe(address)
})

test('a header that is not named says nothing', () => {
  expect(read({ addressHeader: null, proxies: 1 }, '203.0.113.7')).toBeNull()
})

test('settings of wrong secrets that cannot be are told, each with its path', () => {
  const text = JSON.stringify({
    issuer: 'https://id.example.com',
    store: 'memory',
    wrong_secrets: { most: 0, window: 100_000, proxies: 2, adress_header: 'x' },
  })
  const parse = () => parseConfig({ name: 'c.json', text, directory: '.', environment: {} })
  for (const path of ['most', 'window', 'proxies', 'adress_header']) expect(parse).toThrow(`wrong_secrets.${path}`)
})
