import { testRuntime } from '@latchkey/testing'
import { algOf, signJwt } from '../jwt/json-web-signature.ts'
import { connectProvider, type ProviderConnection, type ProviderConnectionOptions } from './provider-connection.ts'

export const issuer = 'https://id.example.com'

/** A provider whose every answer a test decides; what was asked is kept. */
export interface Peer {
  readonly connection: ProviderConnection
  readonly asked: Request[]
  readonly clock: ReturnType<typeof testRuntime>['clock']
  readonly keys: CryptoKeyPair
  /** An answer by path; metadata and keys are there already. */
  readonly answers: Map<string, (request: Request) => Response | Promise<Response>>
  idToken(changes?: Record<string, unknown>, header?: Record<string, unknown>, key?: CryptoKey): Promise<string>
}

export const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  userinfo_endpoint: `${issuer}/userinfo`,
  revocation_endpoint: `${issuer}/revoke`,
  pushed_authorization_request_endpoint: `${issuer}/par`,
  end_session_endpoint: `${issuer}/end`,
  id_token_signing_alg_values_supported: ['ES256'],
}

export async function peer(options: Partial<ProviderConnectionOptions> = {}): Promise<Peer> {
  const asked: Request[] = []
  const answers: Peer['answers'] = new Map()
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  answers.set('/.well-known/openid-configuration', () => Response.json(metadata))
  answers.set('/jwks', async () =>
    Response.json({
      keys: [{ ...(await crypto.subtle.exportKey('jwk', keys.publicKey)), kid: 'k1', use: 'sig', alg: 'ES256' }],
    }),
  )
  const runtime = testRuntime({
    fetch: async (input, init) => {
      const request = new Request(input, init)
      asked.push(request.clone())
      return (answers.get(new URL(request.url).pathname) ?? (() => new Response('', { status: 404 })))(request)
    },
  })
  return {
    connection: connectProvider({ issuer, clientId: 'app', runtime, ...options }),
    asked,
    clock: runtime.clock,
    keys,
    answers,
    idToken(changes = {}, header = {}, key = keys.privateKey) {
      const now = Math.floor(runtime.now())
      const claims = { iss: issuer, sub: 'alice', aud: 'app', iat: now, exp: now + 300, nonce: 'n', ...changes }
      return signJwt(key, { alg: algOf(key), kid: 'k1', ...header }, JSON.parse(JSON.stringify(claims)))
    },
  }
}

export const transaction = {
  state: 's',
  nonce: 'n',
  codeVerifier: 'v',
  redirectUri: 'https://app.test/',
  createdAt: 0,
}
