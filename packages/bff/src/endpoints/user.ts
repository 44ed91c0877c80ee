import { ProtocolError } from '@latchkey/protocol'
import { sha256 } from '../crypto.ts'
import { json } from '../http/answers.ts'
import { csrfRefusal } from '../http/csrf.ts'
import { headerOf } from '../http/request.ts'
import type { OpenedSession } from '../session/session-host.ts'
import type { Session } from '../session/sessions.ts'
import type { Endpoint } from './endpoint.ts'

/** What an ID token says of itself, not of the person. */
const ofTheTokenItself = new Set(['aud', 'azp', 'exp', 'iat', 'nbf', 'nonce', 'jti', 'at_hash', 'c_hash', 's_hash'])

/**
 * Who is signed in, as `[{ "type", "value" }]` or, with `?format=object` or `Accept: application/vnd.latchkey.user+json`,
 * as one object; when nobody is, 401 or `null`. `?slide=false` asks without keeping the session alive, for front ends
 * that poll. The ETag stays while the person and the session do.
 */
export const userEndpoint: Endpoint = {
  path: '/user',
  methods: ['GET'],
  audience: 'front end',
  async handle({ settings, sessions, connection }, { request, query }) {
    const refusal = csrfRefusal(request, settings.csrf)
    if (refusal !== null) return refusal
    const session = sessions.of(request)
    const opened = await session?.open({ slide: query.get('slide') !== 'false' })
    if (session === null || opened == null) {
      if (settings.anonymousUser === 'null') return json(null)
      throw new ProtocolError('not_signed_in', 'nobody is signed in')
    }
    const asObject = query.get('format') === 'object' || (headerOf(request, 'accept') ?? '').includes(objectType)
    const claims = userClaims(opened, session, settings.basePath)
    const etag = `W/"${sha256(JSON.stringify([asObject, claims])).slice(0, 22)}"`
    if (headerOf(request, 'if-none-match') === etag) return withETag(new Response(null, { status: 304 }), etag)
    const left = endOf(opened) - connection.runtime.now()
    const all = [...claims, ['bff:session_expires_in', Math.max(0, Math.floor(left))] as const]
    return withETag(json(asObject ? Object.fromEntries(all) : all.map(([type, value]) => ({ type, value }))), etag)
  },
}

const objectType = 'application/vnd.latchkey.user+json'

export function logoutUrl(basePath: string, session: Session): string {
  return `${basePath}/logout?sid=${session.seal.logoutId}`
}

function endOf({ row }: OpenedSession): number {
  return Math.min(row.idleExpiresAt, row.absoluteExpiresAt)
}

function userClaims(
  { held }: OpenedSession,
  session: Session,
  basePath: string,
): readonly (readonly [string, unknown])[] {
  const sessionState = held.claims?.session_state
  return [
    ...Object.entries(held.claims ?? {}).filter(([name]) => !ofTheTokenItself.has(name)),
    ['bff:logout_url', logoutUrl(basePath, session)],
    ...(sessionState === undefined ? [] : [['bff:session_state', sessionState] as const]),
  ]
}

function withETag(response: Response, etag: string): Response {
  response.headers.set('etag', etag)
  return response
}
