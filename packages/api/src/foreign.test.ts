import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import { listen, type TestProvider, testApi, testProvider, testRuntime } from '@latchkey/testing'
import express from 'express'
import { auth as foreignAuth } from 'express-oauth2-jwt-bearer'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import Provider from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApiGuard } from './api-guard.ts'
import { listen as listenExpress } from './test-issuer.ts'

describe('tokens of another provider', () => {
  let server: Server
  let issuer: string

  beforeAll(async () => {
    server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'service',
          client_secret: 'service-secret-service-secret',
          grant_types: ['client_credentials'],
          redirect_uris: [],
          response_types: [],
        },
      ],
      features: {
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: async () => ({
            scope: 'read:messages',
            audience: testApi,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
    })
    server.on('request', provider.callback())
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  async function token(): Promise<string> {
    const headers = { authorization: `Basic ${btoa('service:service-secret-service-secret')}` }
    const form = { grant_type: 'client_credentials', resource: testApi, scope: 'read:messages' }
    const response = await fetch(`${issuer}/token`, { method: 'POST', headers, body: new URLSearchParams(form) })
    return ((await response.json()) as { access_token: string }).access_token
  }

  test('RFC 9068 §4: a JWT of oidc-provider passes our guard, and only for its audience', async () => {
    const authorization = `Bearer ${await token()}`
    const decision = await createApiGuard({ issuer, audience: testApi }).authenticate({ authorization })
    expect(decision).toMatchObject({ outcome: 'admitted', auth: { payload: { scope: 'read:messages' } } })
    const other = await createApiGuard({ issuer, audience: 'urn:other' }).authenticate({ authorization })
    expect(other.outcome).toBe('refused')
  })
})

describe('our tokens', () => {
  let idp: TestProvider
  let token: string
  let close: () => Promise<void>

  beforeAll(async () => {
    const server = await listen((request) => idp.provider.fetch(request))
    idp = await testProvider({ issuer: server.origin, runtime: testRuntime({ now: Math.floor(systemRuntime.now()) }) })
    token = (await idp.signIn({ scope: 'openid read:messages', resource: testApi })).access_token
    close = server.close
  })
  afterAll(async () => {
    await close()
    await idp.close()
  })

  test('RFC 9068 §4: jose verifies them', async () => {
    const keys = createRemoteJWKSet(new URL(`${idp.issuer}/jwks`))
    const options = { issuer: idp.issuer, audience: testApi, typ: 'at+jwt' }
    expect((await jwtVerify(token, keys, options)).payload).toMatchObject({ client_id: 'web', sub: 'alice-1' })
  })

  test('RFC 9068 §4: express-oauth2-jwt-bearer verifies them, strictly', async () => {
    const app = express()
    const guard = foreignAuth({ issuerBaseURL: idp.issuer, audience: testApi, strict: true, tokenSigningAlg: 'ES256' })
    app.get('/', guard, (req, res) => void res.json({ sub: (req.auth as { payload: { sub?: string } }).payload.sub }))
    const server = await listenExpress(app)
    const response = await fetch(server.origin, { headers: { authorization: `Bearer ${token}` } })
    expect([response.status, await response.json()]).toEqual([200, { sub: 'alice-1' }])
    await server.close()
  })
})
