import { requestUserInfo } from '@latchkey/client'
import { ProtocolError } from '@latchkey/protocol'
import type { AccessTokenOptions, Auth, RequestToken } from './auth.ts'
import { given } from './given.ts'
import type { Parts } from './parts.ts'
import type { SharedTokens } from './shared-tokens.ts'
import type { Start } from './start.ts'

/** Everything of `Auth` that hands out tokens or asks in their name. */
export type TokenAccess = Pick<
  Auth,
  'getAccessToken' | 'peekAccessToken' | 'getIdToken' | 'getTokens' | 'requestToken' | 'fetchUserInfo'
>

export function createTokenAccess(parts: Parts, tokens: SharedTokens, start: Start): TokenAccess {
  const { platform, holder, requests, connection } = parts
  const hidden = requests.send !== undefined

  async function tokenSet({ forceRenewal = false, rejected, signal, ...target }: AccessTokenOptions = {}) {
    const wait = given({ signal })
    if (forceRenewal) await start.known(signal)
    const refused = rejected ?? (forceRenewal ? tokens.current(target)?.accessToken : undefined)
    const manager = tokens.of(target)
    return refused === undefined ? manager.get(wait) : manager.renew(refused, wait)
  }
  const requestToken: Auth['requestToken'] = async ({ url, method }, options) => {
    const set = await tokenSet(options)
    if (set === null) return null
    const { accessToken, tokenType } = set
    if (hidden) return { accessToken, headers: {} }
    const proven = tokenType === 'DPoP' ? await proof(parts, { url, method, accessToken }) : {}
    return { accessToken, headers: { authorization: `${tokenType} ${accessToken}`, ...proven } }
  }
  return {
    requestToken,
    async getAccessToken(options) {
      if (hidden)
        throw new ProtocolError('token_not_in_browser', 'the worker shows no token: send requests by auth.fetch')
      return (await tokenSet(options))?.accessToken ?? null
    },
    peekAccessToken(target = {}) {
      const set = hidden ? null : tokens.current(target)
      return set !== null && set.expiresAt > platform.runtime.now() ? set.accessToken : null
    },
    getIdToken: () => holder.current()?.tokens.idToken ?? null,
    getTokens() {
      const set = holder.current()?.tokens
      if (set === undefined) return null
      const { claims, renewals, ...held } = set
      return { ...held, ...(requests.ofThisTab ? { refreshToken: null } : {}), ...(hidden ? { accessToken: '' } : {}) }
    },
    async fetchUserInfo({ signal } = {}) {
      await start.known(signal)
      const sub = holder.current()?.tokens.claims?.sub
      if (sub === undefined) return null
      const wait = given({ signal })
      return requestUserInfo(connection, sub, async (url) => {
        const carried = await requestToken({ url, method: 'GET' }, wait)
        const request = new Request(url, { headers: carried?.headers ?? {}, ...wait })
        return requests.send?.(request, carried?.accessToken ?? '') ?? platform.runtime.fetch(request)
      })
    },
  }
}

/** @spec RFC 9449 §7.1 */
async function proof(
  { requests, connection, platform }: Parts,
  request: { url: string; method: string; accessToken: string },
): Promise<Partial<RequestToken['headers']>> {
  const url = new URL(request.url, platform.page.base()).href
  const made =
    (await requests.proof?.({ ...request, url })) ??
    (await connection.dpop?.proof({ ...request, url, now: connection.now() }))
  return made == null ? {} : { dpop: made }
}
