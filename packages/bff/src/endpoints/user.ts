import type { TokenSet } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import { json } from '../http/answers.ts'
import { csrfRefusal } from '../http/csrf.ts'
import type { Session } from '../session/sessions.ts'
import type { BffSessionRecord } from '../session-store/session-store.ts'
import type { Endpoint } from './endpoint.ts'

/** What an ID token says of itself, not of the person. */
const ofTheTokenItself = new Set(['aud', 'azp', 'exp', 'iat', 'nbf', 'nonce', 'jti', 'at_hash', 'c_hash', 's_hash'])

/**
 * Who is signed in, as `[{ "type", "value" }]` or, with `?format=object`, as one object; 401 when nobody is.
 * `?slide=false` asks without keeping the session alive, for front ends that poll.
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
    if (session === null || opened == null) throw new ProtocolError('not_signed_in', 'nobody is signed in')
    const claims = userClaims(opened, {
      logoutUrl: logoutUrl(settings.basePath, session),
      now: connection.runtime.now(),
    })
    if (query.get('format') === 'object') return json(Object.fromEntries(claims))
    return json(claims.map(([type, value]) => ({ type, value })))
  },
}

export function logoutUrl(basePath: string, session: Session): string {
  return `${basePath}/logout?sid=${session.seal.logoutId}`
}

function userClaims(
  { row, tokens }: { readonly row: BffSessionRecord; readonly tokens: TokenSet },
  { logoutUrl, now }: { readonly logoutUrl: string; readonly now: number },
): readonly (readonly [string, unknown])[] {
  return [
    ...Object.entries(tokens.claims ?? {}).filter(([name]) => !ofTheTokenItself.has(name)),
    ['bff:logout_url', logoutUrl],
    ['bff:session_expires_in', Math.max(0, Math.floor(Math.min(row.idleExpiresAt, row.absoluteExpiresAt) - now))],
  ]
}
