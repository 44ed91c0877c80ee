import {
  connectProvider,
  createDpopProver,
  exchangeCode,
  idTokenSignatures,
  type ProviderConnection,
  refreshTokens,
  revokeToken,
  type TokenSet,
} from '@latchkey/client'
import { encodeBase64url, ProtocolError, type Runtime } from '@latchkey/protocol'
import type { Auth } from '../auth.ts'
import { checkedRouteTable, routesOf } from '../route-table.ts'
import type { KeeperCalls, KeeperOptions, SentRequest, SentResponse } from './keeper-messages.ts'

interface Opened {
  readonly options: KeeperOptions
  readonly connection: ProviderConnection
  readonly routeFor: Auth['routeFor']
}

/**
 * Owns refresh tokens and the DPoP key in a world that page scripts cannot look into; they get handles. What it may send
 * where is fixed by the first `open`: a script that comes later can ask, but not change the rules.
 */
export function createTokenKeeper(runtime: Runtime): KeeperCalls {
  const secrets = new Map<string, string>()
  let opened: Opened | null = null

  const handleOf = (secret: string) => {
    const handle = `held:${encodeBase64url(runtime.randomBytes(12))}`
    secrets.set(handle, secret)
    return handle
  }
  const secretOf = (handle: string) => secrets.get(handle) ?? ''
  const ready = (): Opened => {
    if (opened === null) throw new ProtocolError('response_invalid', 'the token worker has not been opened')
    return opened
  }
  const isHidden = () => opened?.options.expose === 'fetch'
  /** Handles of tokens that were replaced are worth nothing any more. */
  const given = (tokens: TokenSet, before?: TokenSet): TokenSet => {
    const { refreshToken, accessToken } = tokens
    if (before !== undefined && before.refreshToken !== null && secretOf(before.refreshToken) !== refreshToken) {
      secrets.delete(before.refreshToken)
    }
    return {
      ...tokens,
      refreshToken: refreshToken === null ? null : handleOf(refreshToken),
      accessToken: isHidden() ? handleOf(accessToken) : accessToken,
    }
  }

  return {
    async open(options) {
      if (opened !== null) throw new ProtocolError('response_invalid', 'the token worker is open already')
      const { issuer, clientId, href, routes: secureRoutes } = options
      const resources = secureRoutes.flatMap((row) => (typeof row === 'string' ? [] : [row.resource ?? []].flat()))
      const connection = connectProvider({
        issuer,
        clientId,
        runtime,
        ...(options.dpop ? { dpop: createDpopProver({ runtime }) } : {}),
        ...(options.signatures ? { checkIdToken: idTokenSignatures() } : {}),
      })
      const table = checkedRouteTable({ secureRoutes, resources }, href)
      opened = { options, connection, routeFor: routesOf(table, () => href) }
    },
    exchange: async (callback, options) =>
      given(await exchangeCode(ready().connection, { ...options, callback: new URLSearchParams(callback) })),
    async refresh(tokens, target) {
      const held = tokens.refreshToken === null ? null : secretOf(tokens.refreshToken)
      if (held === '') throw new ProtocolError('refresh_rejected', 'this worker holds no such token: sign in again')
      return given(await refreshTokens(ready().connection, { ...tokens, refreshToken: held }, target), tokens)
    },
    revoke: (token, kind) => revokeToken(ready().connection, secrets.get(token) ?? token, kind),
    async proof({ accessToken, ...request }) {
      const { connection } = ready()
      return connection.dpop?.proof({ ...request, accessToken, now: connection.now() }) ?? null
    },
    hearNonce: async (url, nonce) => ready().connection.dpop?.hearNonce(url, nonce),
    send: (request, accessToken) => sendFor(ready(), runtime, { request, accessToken: secretOf(accessToken) }),
  }
}

/** The worker's own look at the route table: the page's word is not enough. Redirects are not followed. */
async function sendFor(
  { connection, routeFor }: Opened,
  runtime: Runtime,
  { request, accessToken }: { request: SentRequest; accessToken: string },
): Promise<SentResponse> {
  const { userinfo_endpoint: userinfo } = await connection.metadata()
  const allowed = routeFor(request.url, request.method) !== null || request.url === userinfo
  if (!allowed || accessToken === '') {
    throw new ProtocolError('response_invalid', 'the worker sends no token to this address')
  }
  const { dpop } = connection
  const headers = new Headers(request.headers.map(([name, value]) => [name, value] as [string, string]))
  headers.set('authorization', `${dpop === undefined ? 'Bearer' : 'DPoP'} ${accessToken}`)
  const { method, url } = request
  if (dpop !== undefined) headers.set('dpop', await dpop.proof({ method, url, accessToken, now: connection.now() }))
  const response = await runtime.fetch(url, { method, headers, body: request.body, redirect: 'manual' })
  dpop?.hearNonce(url, response.headers.get('dpop-nonce'))
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    throw new ProtocolError('response_invalid', 'the request was redirected, and a token does not follow')
  }
  const { status, statusText } = response
  const empty = status === 204 || status === 205 || status === 304
  return { status, statusText, headers: [...response.headers], body: empty ? null : await response.arrayBuffer() }
}
