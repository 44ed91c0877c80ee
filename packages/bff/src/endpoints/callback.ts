import { exchangeCode, type ProviderConnection, revokeToken, type TokenSet } from '@latchkey/client'
import { OAuthError, ProtocolError } from '@latchkey/protocol'
import { type PrivateJwk, sha256 } from '../crypto.ts'
import { escapeHtml, page, redirect } from '../http/answers.ts'
import { readCookies } from '../http/cookies.ts'
import { headerOf } from '../http/request.ts'
import { createProver } from '../session/dpop-keys.ts'
import type { PendingLogin } from '../session/login-transaction.ts'
import type { Endpoint, EndpointRequest, Parts } from './endpoint.ts'

/** Errors that a person brought about or can mend: the application says so in its own words. */
const forTheApplication = ['access_denied', 'login_required', 'consent_required', 'interaction_required']

/**
 * Where the provider sends the browser. A Strict cookie is not sent while the browser follows another site's redirect:
 * then a page of our own begins afresh, and everything is judged with all cookies in hand. @spec RFC 6265bis §8.8.2
 */
export const callbackEndpoint: Endpoint = {
  path: '/callback',
  methods: ['GET'],
  audience: 'person',
  async handle(parts, at) {
    const { jar, basePath } = parts.settings
    if (jar.sameSite === 'Lax') return completeSignIn(parts, at)
    const again = `${basePath}${sameSitePath}?${at.query}`
    const body = `<p><a href="${escapeHtml(again)}">Continue</a></p>`
    return page({ status: 200, title: 'Signing in', body, refresh: again })
  },
}

const sameSitePath = '/callback/same-site'

/** The second half of a sign-in with Strict cookies; another site that leads here comes without them. */
export const sameSiteCallbackEndpoint: Endpoint = {
  path: sameSitePath,
  methods: ['GET'],
  audience: 'person',
  async handle(parts, at) {
    if (parts.settings.jar.sameSite === 'Lax') throw new OAuthError('not_found', 'there is nothing at this path')
    return completeSignIn(parts, at)
  },
}

/** Takes the provider's answer and starts a session under an id nobody has seen. @spec RFC 6749 §4.1.2; RFC 9700 §4.7 */
async function completeSignIn(parts: Parts, { request, query }: EndpointRequest): Promise<Response> {
  const login = await claimLogin(parts, request, query)
  const cleared = parts.logins.clear(login.state)
  let tokens: TokenSet
  try {
    tokens = await exchangeCode(boundTo(parts, login.dpopKey), {
      callback: query,
      transaction: login,
      ...parts.settings.target,
    })
  } catch (error) {
    const code = error instanceof ProtocolError ? error.oauthError : undefined
    if (code === undefined || !forTheApplication.includes(code)) throw error
    parts.emit({ type: 'sign_in_failed', code, cause: error })
    return redirect(withError(login.returnUrl, code), { cookies: [cleared] })
  }
  return redirect(login.returnUrl, {
    cookies: [cleared, await startSession(parts, request, { tokens, dpopKey: login.dpopKey })],
  })
}

/** The sign-in that this answer ends, in this browser, for the first time. @spec RFC 6749 §10.12; RFC 9700 §4.7.1 */
async function claimLogin(parts: Parts, request: Request, query: URLSearchParams): Promise<PendingLogin> {
  for (const name of ['state', 'code', 'iss', 'error']) {
    if (query.getAll(name).length > 1)
      throw new OAuthError('invalid_request', `parameter "${name}" is given more than once`)
  }
  const state = query.get('state')
  if (state === null || state === '') throw new OAuthError('invalid_request', 'the answer has no state')
  const login = parts.logins.find(state, readCookies(headerOf(request, 'cookie')))
  if (login === null) {
    throw new ProtocolError('state_mismatch', 'this sign-in was not begun in this browser, or too long ago')
  }
  const now = parts.connection.runtime.now()
  const first = await parts.store.rememberOnce(
    `state:${sha256(state)}`,
    login.createdAt + parts.settings.loginSeconds + 60,
    now,
  )
  if (!first) throw new ProtocolError('state_mismatch', 'this sign-in has been completed before')
  return login
}

/** Over which the code is exchanged for tokens that are bound to `key`. @spec RFC 9449 §5 */
function boundTo({ connection, nonces }: Parts, key: PrivateJwk | undefined): ProviderConnection {
  if (key === undefined) return connection
  return { ...connection, dpop: createProver(key, { runtime: connection.runtime, nonces }).key }
}

async function startSession(
  parts: Parts,
  request: Request,
  { tokens, dpopKey }: { readonly tokens: TokenSet; readonly dpopKey: PrivateJwk | undefined },
): Promise<string> {
  const sub = tokens.claims?.sub
  if (sub === undefined) throw new ProtocolError('id_token_invalid', 'the provider sent no ID token')
  const before = parts.sessions.of(request)
  // A session that cannot be read is not ours to end.
  const replaced = before === null ? null : await before.open({ slide: false }).catch(() => null)
  const replaces = replaced === null || before === null ? null : before.hash
  const cookie = await parts.sessions.start(tokens, { sub, dpopKey, replaces }).catch((error: unknown) => {
    // What has no session to live in must not outlive it.
    if (tokens.refreshToken !== null) takeBack(parts, tokens.refreshToken, '')
    throw error
  })
  const orphan = replaced?.held.refreshToken
  if (orphan && before !== null) takeBack(parts, orphan, before.hash)
  return cookie
}

function takeBack({ connection, emit }: Parts, refreshToken: string, session: string): void {
  revokeToken(connection, refreshToken, 'refresh_token').catch((cause: unknown) =>
    emit({ type: 'revocation_failed', session, cause }),
  )
}

function withError(returnUrl: string, code: string): string {
  const [path = '/', fragment] = returnUrl.split('#', 2)
  const error = `${path.includes('?') ? '&' : '?'}bff_error=${encodeURIComponent(code)}`
  return path + error + (fragment === undefined ? '' : `#${fragment}`)
}
