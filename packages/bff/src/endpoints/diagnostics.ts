import { OAuthError, ProtocolError } from '@latchkey/protocol'
import { sha256 } from '../crypto.ts'
import { json } from '../http/answers.ts'
import { csrfRefusal } from '../http/csrf.ts'
import type { Endpoint } from './endpoint.ts'

/** In development only: what this session holds, by thumbprint; never a token. */
export const diagnosticsEndpoint: Endpoint = {
  path: '/diagnostics',
  methods: ['GET'],
  audience: 'front end',
  async handle({ settings, sessions, connection }, { request }) {
    if (!settings.development) throw new OAuthError('not_found', 'there is nothing at this path')
    const refusal = csrfRefusal(request, settings.csrf)
    if (refusal !== null) return refusal
    const opened = await sessions.of(request)?.open({ slide: false })
    if (opened == null) throw new ProtocolError('not_signed_in', 'nobody is signed in')
    const { row, held } = opened
    const now = connection.runtime.now()
    return json({
      session: { id: row.hash, sid: row.sid, version: row.version, renewals: held.renewals },
      refreshToken: thumbprint(held.refreshToken),
      idToken: thumbprint(held.idToken),
      accessTokens: Object.entries(held.access).map(([target, { accessToken, tokenType, expiresAt, scope }]) => ({
        resource: target.split(' ', 1)[0],
        thumbprint: thumbprint(accessToken),
        tokenType,
        scope: scope.join(' '),
        expiresIn: Math.floor(expiresAt - now),
      })),
    })
  },
}

/** Enough to tell two tokens apart. */
function thumbprint(token: string | null): string | null {
  return token === null || token === '' ? null : sha256(token).slice(0, 12)
}
