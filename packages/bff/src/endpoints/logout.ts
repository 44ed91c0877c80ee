import { endSessionUrl, revokeToken } from '@latchkey/client'
import { OAuthError, ProtocolError } from '@latchkey/protocol'
import { constantTimeEqual } from '../crypto.ts'
import { redirect } from '../http/answers.ts'
import type { HeldTokens } from '../session/held-tokens.ts'
import type { Session } from '../session/sessions.ts'
import type { Endpoint, Parts } from './endpoint.ts'

/** Signing out waits this long for the provider to take the refresh token back. */
const revocationSeconds = 5

/**
 * Ends the session here, takes the refresh token back and sends the browser to sign out at the provider.
 * The link works only with a value made for this session, so that no other site can sign a person out.
 * @spec RP-Initiated Logout §2, §6; RFC 7009
 */
export const logoutEndpoint: Endpoint = {
  path: '/logout',
  methods: ['GET', 'POST'],
  audience: 'person',
  async handle(parts, { request, query }) {
    const { sessions, settings } = parts
    const status = request.method === 'POST' ? 303 : 302
    const session = sessions.of(request)
    if (session === null) return redirect(settings.signedOutPath, { status })
    const sid = query.get('sid') ?? (request.method === 'POST' ? await sidOfForm(request) : null)
    if (sid === null || !constantTimeEqual(sid, session.seal.logoutId)) {
      if ((await tokensOf(session)) === 'gone')
        return redirect(settings.signedOutPath, { status, cookies: [sessions.clearedCookie] })
      throw new OAuthError(
        'invalid_request',
        'this sign-out link was not made for this session: use the one of the user endpoint',
      )
    }
    const tokens = await tokensOf(session)
    // What cannot be read stays as it is; this browser just forgets it.
    if (tokens !== 'unreadable') await sessions.end(session)
    if (typeof tokens === 'object' && settings.revokeAtLogout) await takeBack(parts, session, tokens)
    const location = await providersSignOut(parts, typeof tokens === 'object' ? tokens.idToken : null)
    return redirect(location, { status, cookies: [sessions.clearedCookie] })
  },
}

async function tokensOf(session: Session): Promise<HeldTokens | 'gone' | 'unreadable'> {
  try {
    return (await session.host.read())?.held ?? 'gone'
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'session_unreadable') return 'unreadable'
    throw error
  }
}

/** Best effort and bounded: a provider that is down keeps nobody signed in here. */
async function takeBack(parts: Parts, session: Session, { refreshToken }: HeldTokens): Promise<void> {
  if (refreshToken === null) return
  const { runtime } = parts.connection
  const revocation = revokeToken(parts.connection, refreshToken, 'refresh_token').then(
    () => undefined,
    (cause: unknown) => parts.emit({ type: 'revocation_failed', session: session.hash, cause }),
  )
  await new Promise<void>((resolve) => {
    const cancel = runtime.schedule(revocationSeconds, resolve)
    revocation.then(() => {
      cancel()
      resolve()
    })
  })
}

async function providersSignOut({ connection, settings }: Parts, idToken: string | null): Promise<string> {
  if (idToken === null) return settings.signedOutPath
  try {
    const url = await endSessionUrl(connection, { idToken, postLogoutRedirectUri: settings.signedOutUri })
    return url ?? settings.signedOutPath
  } catch (error) {
    if (error instanceof ProtocolError) return settings.signedOutPath
    throw error
  }
}

/** The field `sid` of a small form. */
async function sidOfForm(request: Request): Promise<string | null> {
  if (!(request.headers.get('content-type') ?? '').startsWith('application/x-www-form-urlencoded')) return null
  const length = Number(request.headers.get('content-length') ?? Number.NaN)
  if (!(length <= 4096)) throw new OAuthError('payload_too_large', 'the form is larger than a sign-out needs')
  return new URLSearchParams(await request.text()).get('sid')
}
