import type { Runtime } from '@latchkey/protocol'
import { systemRuntime } from '@latchkey/protocol/system-runtime'
import express, { type Express } from 'express'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

type Server = ReturnType<Express['listen']>

export const audience = 'https://api.example.com'

/** Serves on a free port of the loopback address. */
export async function listen(app: Express): Promise<{ origin: string; close: () => Promise<void> }> {
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const close = () => {
    server.closeAllConnections()
    return new Promise<void>((resolve) => server.close(() => resolve()))
  }
  return { origin: `http://127.0.0.1:${address.port}`, close }
}

/** A runtime whose clock stands still until it is moved. */
export function movableRuntime(): Runtime & { advance(seconds: number): void } {
  let now = Math.floor(systemRuntime.now())
  return {
    ...systemRuntime,
    now: () => now,
    advance(seconds) {
      now += seconds
    },
  }
}

export interface SigningKey {
  readonly privateKey: CryptoKey | Uint8Array
  readonly publicJwk: JWK & { readonly [member: string]: unknown }
  readonly alg: string
}

export async function newKey(alg: string, kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }, alg }
}

/** Counts what is asked of it; `down` answers 503, `keys` is what it publishes. */
export interface TestIssuer {
  readonly issuer: string
  readonly key: SigningKey
  readonly runtime: ReturnType<typeof movableRuntime>
  keys: readonly Readonly<Record<string, unknown>>[]
  down: boolean
  metadata: Record<string, unknown>
  cacheControl: string | undefined
  requests: string[]
  /** Where a path sends its callers instead. */
  redirects: Record<string, string>
  /** Status list tokens by path; what is no text is sent with a type of its own. */
  statusLists: Record<string, string | { readonly body: string; readonly type: string }>
  jwksFetches(): number
  /** A good access token, apart from what is said to be different; a claim of undefined is left out. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: SigningKey): Promise<string>
  close(): Promise<void>
}

/** An authorization server that publishes keys and signs tokens, by jose: an implementation other than ours. */
export async function testIssuer(alg = 'ES256'): Promise<TestIssuer> {
  const key = await newKey(alg, 'first')
  const runtime = movableRuntime()
  const app = express()
  const { origin, close } = await listen(app)
  app.use((request, response) => {
    issuer.requests.push(request.url)
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': issuer.metadata,
      '/jwks': { keys: issuer.keys },
    }
    const elsewhere = issuer.redirects[request.url]
    if (elsewhere !== undefined) return void response.redirect(elsewhere)
    const list = issuer.statusLists[request.url]
    if (list !== undefined && !issuer.down) {
      const { body, type } = typeof list === 'string' ? { body: list, type: 'application/statuslist+jwt' } : list
      return void response.setHeader('content-type', type).end(body)
    }
    const body = documents[request.url]
    response.statusCode = issuer.down ? 503 : body === undefined ? 404 : 200
    if (issuer.cacheControl !== undefined) response.setHeader('cache-control', issuer.cacheControl)
    response.end(JSON.stringify(body))
  })
  const issuer: TestIssuer = {
    issuer: origin,
    key,
    runtime,
    keys: [key.publicJwk],
    down: false,
    metadata: { issuer: origin, jwks_uri: `${origin}/jwks` },
    cacheControl: undefined,
    requests: [],
    statusLists: {},
    redirects: {},
    jwksFetches: () => issuer.requests.filter((path) => path === '/jwks').length,
    token(claims = {}, header = {}, signer = key) {
      const now = runtime.now()
      const good = {
        iss: origin,
        aud: audience,
        sub: 'alice',
        client_id: 'web',
        jti: 'token-1',
        scope: 'read:messages',
      }
      return new SignJWT({ ...good, iat: now, exp: now + 3600, ...claims })
        .setProtectedHeader({ typ: 'at+jwt', alg: signer.alg, kid: signer.publicJwk.kid ?? '', ...header })
        .sign(signer.privateKey)
    },
    close,
  }
  return issuer
}
