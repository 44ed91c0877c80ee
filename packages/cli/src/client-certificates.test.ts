import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { agentCertificate, clientAuthority, derOf, selfSignedCertificate } from '@latchkey/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClientCertificates } from './client-certificates.ts'
import { parseConfig } from './config/read-config.ts'
import { serve } from './serve.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-mtls-'))
  writeFileSync(join(folder, 'ca.pem'), clientAuthority)
  writeFileSync(join(folder, 'key.pem'), selfSignedCertificate.key)
  writeFileSync(join(folder, 'cert.pem'), selfSignedCertificate.cert)
})
afterEach(() => rmSync(folder, { recursive: true }))

const config = {
  issuer: 'https://127.0.0.1:0',
  listen: { port: 0, tls: { key: 'key.pem', cert: 'cert.pem' } },
  store: 'memory',
  mutual_tls: { ca: 'ca.pem' },
  clients: [
    {
      client_id: 'agent',
      token_endpoint_auth_method: 'tls_client_auth',
      tls_client_auth_subject_dn: 'CN=agent,OU=Robots,O=Acme\\, Inc.,C=DE',
      grant_types: ['client_credentials'],
      scope: 'jobs:run',
      tls_client_certificate_bound_access_tokens: true,
    },
  ],
}

const parse = (text: object) =>
  parseConfig({ name: 'c.json', text: JSON.stringify(text), directory: folder, environment: {} })

describe('certificates on the connections of the server itself', () => {
  test('RFC 8705 §2.1: the TLS handshake proves the client, and its token is bound to the certificate', async () => {
    const server = await serve(parse(config))
    const proven = await post(`${server.issuer}/token`, agentCertificate)
    const without = await post(`${server.issuer}/token`, {})
    const foreign = await post(`${server.issuer}/token`, selfSignedCertificate)
    await server.close()
    expect(proven).toMatchObject({ status: 200, body: { token_type: 'Bearer' } })
    expect(without).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
    expect(foreign).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('without listen.tls, a header has to be named', () => {
    const { listen: _, ...rest } = config
    expect(() => parse({ ...rest, issuer: 'http://127.0.0.1:8000' })).toThrow('mutual_tls')
  })
})

describe('certificates in the header of a proxy', () => {
  const settings = { header: 'client-cert', ca: 'ca.pem', endpointBase: null }
  const shown = (value: string | null, now = systemRuntime.now()) => {
    const certificates = createClientCertificates({ ...settings, ca: join(folder, 'ca.pem') }, { now: () => now })
    const headers: Record<string, string> = value === null ? {} : { 'client-cert': value }
    return certificates.mutualTls.clientCertificate(new Request('https://id.example.com/token', { headers }))
  }
  const { cert } = agentCertificate
  const der = Buffer.from(derOf(cert))

  test.each([
    ['as RFC 9440 has it', `:${der.toString('base64')}:`],
    ['percent-encoded', encodeURIComponent(cert)],
    ['with its line ends turned into spaces', cert.trim().replaceAll('\n', ' ')],
  ])('a certificate %s is read, and judged by the authorities', (_, value) => {
    expect(shown(value)).toEqual({ der, trusted: true })
  })

  test('one of no authority, one that is expired, and what is none are not trusted', () => {
    expect(shown(encodeURIComponent(selfSignedCertificate.cert))?.trusted).toBe(false)
    expect(shown(encodeURIComponent(cert), 9_000_000_000)?.trusted).toBe(false)
    for (const value of [null, 'x', ':AAAA:', '%', '-----BEGIN CERTIFICATE-----']) expect(shown(value)).toBeNull()
  })

  test('authorities that cannot be read stop the start with a reason', () => {
    const create = (ca: string) => createClientCertificates({ ...settings, ca: join(folder, ca) }, systemRuntime)
    expect(() => create('missing.pem')).toThrow('cannot be read')
    expect(() => create('key.pem')).toThrow('in PEM')
  })
})

function post(
  url: string,
  certificate: { key?: string; cert?: string },
): Promise<{ status: number | undefined; body: unknown }> {
  const body = 'grant_type=client_credentials&client_id=agent'
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
  const options = { method: 'POST', headers, rejectUnauthorized: false, agent: false, ...certificate } as const
  return new Promise((resolve, reject) => {
    const asked = request(url, options, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode, body: JSON.parse(text) })
    })
    asked.once('error', reject).end(body)
  })
}
