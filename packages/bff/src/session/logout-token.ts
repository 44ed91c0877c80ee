import type { ProviderConnection } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'

export interface LogoutToken {
  readonly jti: string
  readonly sid: string | null
  readonly sub: string | null
  /** When it can no longer be valid, epoch seconds. */
  readonly endsAt: number
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'
const algorithms = ['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA', 'Ed25519']
const longestAgeSeconds = 300
const toleranceSeconds = 60
const keySets = new WeakMap<ProviderConnection, JWTVerifyGetKey>()

/**
 * A logout token that the provider signed for this client, fresh, of the right type, and not an ID token in disguise.
 * @throws ProtocolError `token_invalid`; `keys_unavailable` (retryable) when the provider's keys cannot be had.
 * @spec Back-Channel Logout §2.4, §2.6
 */
export async function readLogoutToken(connection: ProviderConnection, text: string): Promise<LogoutToken> {
  const { issuer, clientId, runtime } = connection
  const keys = await keySet(connection)
  try {
    const { payload } = await jwtVerify(text, keys, {
      issuer,
      audience: clientId,
      typ: 'logout+jwt',
      algorithms,
      currentDate: new Date(runtime.now() * 1000),
      clockTolerance: toleranceSeconds,
      maxTokenAge: longestAgeSeconds,
      requiredClaims: ['iat', 'jti', 'events'],
    })
    return logoutToken(payload)
  } catch (error) {
    if (error instanceof ProtocolError) throw error
    const isFault = error instanceof errors.JOSEError && !unavailable(error)
    if (isFault) throw refused(error.message)
    throw new ProtocolError('keys_unavailable', 'the provider’s keys could not be had', {
      retryable: true,
      cause: error,
    })
  }
}

function logoutToken(payload: JWTPayload): LogoutToken {
  const { jti, sid, sub, events, iat = 0, exp = 0 } = payload
  const event = isRecord(events) ? events[logoutEvent] : undefined
  if (!isRecord(event)) throw refused('its events do not name a back-channel logout')
  if ('nonce' in payload) throw refused('it has a nonce, which only ID tokens have')
  if (typeof jti !== 'string' || jti === '') throw refused('its jti is no text')
  if (sid !== undefined && typeof sid !== 'string') throw refused('its sid is no text')
  if (sid === undefined && sub === undefined) throw refused('it names neither sid nor sub')
  const endsAt = Math.max(exp, iat + longestAgeSeconds) + toleranceSeconds
  return { jti, sid: sid ?? null, sub: sub ?? null, endsAt }
}

/** One key set for each provider, fetched when needed, again for an unknown `kid` at most every 30 seconds. */
async function keySet(connection: ProviderConnection): Promise<JWTVerifyGetKey> {
  const known = keySets.get(connection)
  if (known !== undefined) return known
  const { jwks_uri: uri } = await connection.metadata()
  if (uri === undefined) throw refused('the provider publishes no keys')
  const { runtime } = connection
  const fresh = createRemoteJWKSet(new URL(uri), {
    [customFetch]: (url: string, init: RequestInit) => runtime.fetch(url, init),
  })
  keySets.set(connection, fresh)
  return fresh
}

function unavailable(error: errors.JOSEError): boolean {
  return error.code === 'ERR_JWKS_TIMEOUT' || error.code === 'ERR_JOSE_GENERIC'
}

function refused(why: string): ProtocolError {
  return new ProtocolError('token_invalid', `the logout token is refused: ${why}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
