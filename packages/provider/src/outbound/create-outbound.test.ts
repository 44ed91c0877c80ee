import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { afterEach, describe, expect, test } from 'vitest'
import { createOutbound } from './create-outbound.ts'
import { OutboundError } from './outbound.ts'
import { isPublicAddress } from './public-address.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const local = createOutbound({ issuer: 'http://127.0.0.1:8000', runtime: systemRuntime })
const onInternet = { issuer: 'https://id.example.com', runtime: systemRuntime }

async function failure(sent: Promise<unknown>): Promise<OutboundError> {
  const error = await sent.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof OutboundError) return error
  throw new Error(`expected an OutboundError, got ${String(error)}`)
}

describe('addresses of the internet', () => {
  const forbidden = [
    '0.0.0.0',
    '10.0.0.1',
    '10.255.255.255',
    '100.64.0.1',
    '100.100.100.200',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.0.2.1',
    '192.168.0.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.7',
    '203.0.113.9',
    '224.0.0.1',
    '239.255.255.255',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '::7f00:1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '',
    'localhost',
    '1.2.3',
    '0x7f000001',
  ]
  test.each(forbidden)('RFC 6890 §2.2: "%s" is not one', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  test.each(['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '2606:4700::1111'])(
    '%s is one',
    (address) => {
      expect(isPublicAddress(address)).toBe(true)
    },
  )
})

describe('RFC 9101 §10.4.1: a request of ours to an address that somebody else named', () => {
  test.each([
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.1.2.3:8443/',
    'https://localhost/',
    'http://example.com/',
    'http://127.0.0.1/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'https://user:pw@example.com/',
    'not a url',
  ])('never leaves for %s', async (url) => {
    expect((await failure(createOutbound(onInternet).send(url))).reason).toBe('forbidden-address')
  })

  test('is judged by what the name resolves to when connecting, every address of it', async () => {
    const origin = await serve((_, response) => response.end('{}'))
    const { port } = new URL(origin)
    const addresses = [
      { address: '93.184.215.14', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    const guarded = createOutbound({ ...onInternet, resolve: async () => addresses })
    const error = await failure(guarded.send(`https://rebinding.example:${port}/`))
    expect(error.reason).toBe('forbidden-address')
    expect(error.message).not.toContain('127.0.0.1')
  })

  test('reaches a private host that the configuration names', async () => {
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
    const opened = createOutbound({ ...onInternet, resolve, privateHosts: ['inside.example'] })
    expect((await failure(opened.send('https://inside.example:1/'))).reason).toBe('unreachable')
    expect((await failure(opened.send('https://other.example:1/'))).reason).toBe('forbidden-address')
  })

  test('a provider on loopback reaches loopback over http, and nothing else inside', async () => {
    const origin = await serve((_, response) => response.setHeader('content-type', 'application/json').end('{"a":1}'))
    const answer = await local.send(origin, { contentTypes: ['application/json'] })
    expect(answer).toMatchObject({ status: 200, body: '{"a":1}' })
    expect((await failure(local.send('http://10.0.0.1/'))).reason).toBe('forbidden-address')
    expect((await failure(local.send('https://10.0.0.1/'))).reason).toBe('forbidden-address')
  })

  test('a name that only looks like loopback is judged by its address', async () => {
    const resolve = async () => [{ address: '10.0.0.1', family: 4 }]
    const guarded = createOutbound({ issuer: 'http://127.0.0.1:8000', runtime: systemRuntime, resolve })
    expect((await failure(guarded.send('http://evil.localhost/'))).reason).toBe('forbidden-address')
  })

  test('follows no redirect', async () => {
    const origin = await serve((_, response) => response.writeHead(302, { location: 'https://10.0.0.1/' }).end())
    expect((await failure(local.send(origin))).reason).toBe('redirect')
  })

  test('stops reading at the size limit', async () => {
    const origin = await serve((_, response) => {
      response.on('error', () => {})
      for (let n = 0; n < 100; n++) response.write('x'.repeat(1000))
      response.end()
    })
    expect((await failure(local.send(origin))).reason).toBe('too-large')
    expect((await local.send(origin, { maxBytes: 100_000 })).body).toHaveLength(100_000)
  })

  test('ends at the time limit, also when bytes keep trickling in', async () => {
    let expire = () => {}
    const schedule = (_seconds: number, task: () => void) => {
      expire = task
      return () => {}
    }
    const origin = await serve((_, response) => {
      response.write('x')
      expire()
    })
    const outbound = createOutbound({ issuer: 'http://127.0.0.1:8000', runtime: { schedule } })
    expect((await failure(outbound.send(origin))).reason).toBe('too-slow')
  })

  test('refuses another content type than the one expected', async () => {
    const origin = await serve((_, response) => response.setHeader('content-type', 'text/html').end('<html>'))
    const error = await failure(local.send(origin, { contentTypes: ['application/json'] }))
    expect(error.reason).toBe('wrong-content-type')
  })

  test('posts a body with its length', async () => {
    const origin = await serve(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      response.end(`${request.method} ${request.headers['content-length']} ${body}`)
    })
    expect((await local.send(origin, { method: 'POST', body: 'é=1' })).body).toBe('POST 4 é=1')
  })

  test('tells that a host cannot be reached', async () => {
    expect((await failure(local.send('http://127.0.0.1:1/'))).reason).toBe('unreachable')
  })
})
