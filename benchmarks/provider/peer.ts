/** The peer, oidc-provider, with its own in-memory adapter: nothing survives a restart. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair } from 'jose'
import Provider, { type Client, type KoaContextWithOIDC } from 'oidc-provider'
import { announce, api, machine, redirectUri, signInForm, web } from './served.ts'

process.on('disconnect', () => process.exit())

async function key(alg: string) {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: alg }
}

const server = createServer()
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: machine.id,
      client_secret: machine.secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: web.id,
      client_secret: web.secret,
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: [redirectUri],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [await key('ES256'), await key('RS256')] },
  rotateRefreshToken: true,
  issueRefreshToken: (_ctx: unknown, client: Client) => client.grantTypeAllowed('refresh_token'),
  // A client of the house is not asked for consent, as its own documentation has it.
  loadExistingGrant,
  interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
  cookies: { keys: ['benchmark'] },
  findAccount: (_ctx: unknown, sub: string) => ({ accountId: sub, claims: () => ({ sub, name: 'Alice' }) }),
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: 'read:messages',
        audience: api,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
})
const answer = provider.callback()
server.on('request', (request, response) => {
  if (request.url?.startsWith('/interaction/') === true) void interact(request, response)
  else void answer(request, response)
})

async function loadExistingGrant(ctx: KoaContextWithOIDC) {
  const { client, session, provider: here } = ctx.oidc
  const granted = new here.Grant({ accountId: session?.accountId ?? '', clientId: client?.clientId ?? '' })
  granted.addOIDCScope('openid profile')
  await granted.save()
  return granted
}

/** The sign-in page, and the judging of what was typed, as its documentation has it. */
async function interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { uid } = await provider.interactionDetails(request, response)
  if (request.method === 'GET') {
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(signInForm(`/interaction/${uid}`))
    return
  }
  const typed = new URLSearchParams(await text(request))
  await provider.interactionFinished(request, response, { login: { accountId: typed.get('username') ?? '' } })
}

const client = await provider.Client.find(web.id)
if (client === undefined) throw new Error('no client')
const scope = 'openid profile offline_access'
const now = Math.floor(performance.timeOrigin / 1000)

async function grant(): Promise<string> {
  const made = new provider.Grant({ accountId: 'alice', clientId: web.id })
  made.addOIDCScope(scope)
  return made.save()
}

async function refreshToken(): Promise<string> {
  const values = {
    accountId: 'alice',
    client,
    grantId: await grant(),
    scope,
    claims: {},
    authTime: now,
    gty: 'authorization_code',
    iiat: now,
    rotations: 0,
  }
  return new provider.RefreshToken(values as never).save()
}

async function accessToken(): Promise<string> {
  const values = {
    accountId: 'alice',
    client,
    grantId: await grant(),
    scope: 'openid profile',
    claims: {},
    gty: 'authorization_code',
  }
  return new provider.AccessToken(values as never).save()
}

const paths = {
  token: '/token',
  introspection: '/token/introspection',
  userinfo: '/me',
  discovery: '/.well-known/openid-configuration',
  jwks: '/jwks',
  authorize: '/auth',
}
announce({ port, paths }, async (chains) => ({
  refreshTokens: await Promise.all(Array.from({ length: chains }, refreshToken)),
  accessToken: await accessToken(),
}))
