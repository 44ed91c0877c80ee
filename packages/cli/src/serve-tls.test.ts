import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseConfig } from './config/read-config.ts'
import { serve } from './serve.ts'

/** A pair of this test alone, for 127.0.0.1. */
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjfL0orkOgzY2gvmF
NohQ6nhfI3vxz6duuSxbris21RahRANCAARjEnIAY6nMX9mLwwbJt08KCESP5VCy
tnZ+gqRg4wA0ICRpMzZWvQXNP2TQ0JzbpPanhgPsBQKBz1pIz69OMFI+
-----END PRIVATE KEY-----
`
const cert = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUSzqpIi825YUgKQQF2FVWLouYlNowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTIxMTkxOFoYDzIxMjYxMDI4
MjExOTE4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARjEnIAY6nMX9mLwwbJt08KCESP5VCytnZ+gqRg4wA0ICRpMzZWvQXN
P2TQ0JzbpPanhgPsBQKBz1pIz69OMFI+o28wbTAdBgNVHQ4EFgQUo/9HlTdB56eu
LfQAPWNhqksFxgAwHwYDVR0jBBgwFoAUo/9HlTdB56euLfQAPWNhqksFxgAwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIgXq1ClIIA723uWIC578hA3l2wALYJ0zziYC8RJl4J7r8CIQDg
gceiQIsvLl8ecJ52FqL1hs64dMzj3F3H39KYtFRujg==
-----END CERTIFICATE-----
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('listen.tls: the server speaks https with the named certificate', async () => {
  writeFileSync(join(folder, 'key.pem'), key)
  writeFileSync(join(folder, 'cert.pem'), cert)
  const listen = { port: 0, tls: { key: 'key.pem', cert: 'cert.pem' } }
  const text = JSON.stringify({ issuer: 'https://127.0.0.1:0', listen, store: 'memory' })
  const server = await serve(parseConfig({ name: 'c.json', text, directory: folder, environment: {} }))
  const answer = await get(`${server.issuer}/.well-known/openid-configuration`)
  await server.close()
  expect(JSON.parse(answer.body)).toMatchObject({ issuer: server.issuer, token_endpoint: `${server.issuer}/token` })
  expect(answer.fingerprint).toBe(new X509Certificate(cert).fingerprint256)
})

/** The certificate is compared, not judged: its dates need not fit this machine's clock. */
function get(url: string): Promise<{ body: string; fingerprint: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { rejectUnauthorized: false, agent: false }, async (response) => {
      const { fingerprint256 } = (response.socket as TLSSocket).getPeerCertificate()
      let body = ''
      for await (const chunk of response) body += chunk
      resolve({ body, fingerprint: fingerprint256 })
    })
    asked.once('error', reject).end()
  })
}
