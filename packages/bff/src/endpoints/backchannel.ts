import { OAuthError, ProtocolError } from '@latchkey/protocol'
import { sha256 } from '../crypto.ts'
import { securityHeaders } from '../http/answers.ts'
import { everySession } from '../session/every-session.ts'
import { readLogoutToken } from '../session/logout-token.ts'
import type { Endpoint, Parts } from './endpoint.ts'

const longestToken = 16_384

/**
 * The provider tells that a person signed out there: the sessions of its `sid`, or without one of its `sub`, end here
 * on every node. A token counts once. @spec Back-Channel Logout §2.5–2.8
 */
export const backchannelEndpoint: Endpoint = {
  path: '/backchannel',
  methods: ['POST'],
  audience: 'front end',
  async handle(parts, { request }) {
    try {
      await endNamedSessions(parts, await tokenOfForm(request))
      return answer(200, {})
    } catch (error) {
      if (isPassing(error)) return answer(503, { error: 'temporarily_unavailable' })
      if (!(error instanceof OAuthError || error instanceof ProtocolError)) throw error
      parts.emit({ type: 'backchannel_refused', cause: error })
      return answer(400, { error: 'invalid_request', error_description: error.message })
    }
  },
}

async function endNamedSessions({ connection, store, emit }: Parts, text: string): Promise<void> {
  const { runtime, issuer, clientId } = connection
  const token = await readLogoutToken(connection, text)
  const once = `logout:${sha256(`${issuer} ${token.jti}`)}`
  // Looks only: what is remembered until now is forgotten already.
  if (!(await store.rememberOnce(once, runtime.now(), runtime.now()))) {
    throw new OAuthError('invalid_request', 'this logout token was used before')
  }
  const filter = token.sid === null ? { sub: token.sub ?? '' } : { sid: token.sid, clientId }
  for await (const row of everySession(store, filter, runtime.now)) {
    // A store may hold the sessions of several front ends: the token speaks to one client.
    if (row.clientId !== clientId || (token.sub !== null && row.sub !== token.sub)) continue
    if ((await store.revoke({ hash: row.hash }, runtime.now(), 'backchannel')) > 0) {
      emit({ type: 'session_ended', session: row.hash, because: 'backchannel' })
    }
  }
  // Last: a token that was not heeded to the end may come again.
  await store.rememberOnce(once, token.endsAt, runtime.now())
}

/** Whether the provider's keys or our store are away for the moment: the provider tries again. */
function isPassing(error: unknown): boolean {
  if (error instanceof ProtocolError) return error.retryable
  return error instanceof OAuthError && error.code === 'temporarily_unavailable'
}

async function tokenOfForm(request: Request): Promise<string> {
  const type = request.headers.get('content-type') ?? ''
  if (!type.startsWith('application/x-www-form-urlencoded')) {
    throw new OAuthError('invalid_request', 'send logout_token as application/x-www-form-urlencoded')
  }
  if (!(Number(request.headers.get('content-length') ?? Number.NaN) <= longestToken)) {
    throw new OAuthError('payload_too_large', 'the form is larger than a logout token needs, or says no length')
  }
  const [token, ...more] = new URLSearchParams(await request.text()).getAll('logout_token')
  if (token === undefined || more.length > 0) throw new OAuthError('invalid_request', 'send one logout_token')
  return token
}

/** @spec Back-Channel Logout §2.8 */
function answer(status: number, body: object): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...securityHeaders, 'content-type': 'application/json' },
  })
}
