import { createAuthorizationRequest, exchangeCode, type TokenSet } from '@latchkey/client'
import { ConfigError, encodeBase64url, ProtocolError } from '@latchkey/protocol'
import { checkAccessTokenHash } from './at-hash.ts'
import type { SignInOptions } from './auth.ts'
import { localAddress, readResponse, withoutResponse } from './local-address.ts'
import type { Parts } from './parts.ts'
import { saysNobodyIsThere } from './silent-sign-in.ts'

/** Leaves for the provider; what has to come back is remembered under its own `state`. @spec OIDC Core §3.1.2.1 */
export async function leaveForSignIn(parts: Omit<Parts, 'tabs'>, options: SignInOptions = {}): Promise<void> {
  const { platform, settings, connection, logins } = parts
  const here = platform.page.href()
  const returnTo = localAddress(options.returnTo ?? withoutResponse(here), here)
  if (returnTo === null) throw new ConfigError(['returnTo: leads to another origin; name a path of this app'])
  if (!platform.storage.durable) {
    throw new ProtocolError('authorization_failed', 'sessionStorage is blocked: allow it for this site to sign in')
  }
  const { url, transaction } = await createAuthorizationRequest(connection, {
    redirectUri: settings.redirectUri,
    scope: settings.scope,
    ...(settings.resource === undefined ? {} : { resource: settings.resource }),
    ...(options.prompt === undefined ? {} : { prompt: options.prompt }),
    ...(options.loginHint === undefined ? {} : { loginHint: options.loginHint }),
    extraParameters: { ...settings.extraParameters, ...options.extraParameters },
  })
  logins.purge()
  logins.remember({ ...transaction, returnTo })
  platform.page.assign(url)
}

/** How coming back from the provider ended. */
export type SignInOutcome =
  | { readonly kind: 'none' | 'signed-in' | 'refused' | 'stale' }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * Completes the sign-in that this address answers. The record is taken before anything else, so that a doubled callback
 * finds none; the address bar is clean before the code is sent, so that a reload does not send it again.
 * @spec RFC 6749 §10.12; RFC 9700 §4.2.4
 */
export async function completeSignIn(parts: Parts): Promise<SignInOutcome> {
  const { platform, settings, connection, logins } = parts
  const here = platform.page.href()
  const callback = readResponse(here, settings.redirectUri)
  if (callback === null) return { kind: 'none' }
  const login = logins.take(callback.get('state') ?? '')
  if (login === 'foreign' || (login === null && isOfAnother(callback, settings.issuer))) return { kind: 'none' }
  const returnTo = login === null ? null : localAddress(login.returnTo, here)
  platform.page.replaceAddress(returnTo ?? withoutResponse(here))
  if (login === null) return { kind: 'stale' }
  try {
    const resource = settings.resource === undefined ? {} : { resource: settings.resource }
    const tokens = await exchangeCode(connection, { callback, transaction: login, ...resource })
    await checkAccessTokenHash(tokens)
    beginSession(parts, tokens)
    return { kind: 'signed-in' }
  } catch (error) {
    if (saysNobodyIsThere(error)) return { kind: 'refused' }
    if (isUsedCode(error)) return { kind: 'stale' }
    return { kind: 'failed', error }
  }
}

/** Tokens just received become the session of every tab. */
export function beginSession({ platform, holder, tabs }: Omit<Parts, 'connection' | 'logins'>, tokens: TokenSet): void {
  const family = encodeBase64url(platform.runtime.randomBytes(12))
  const session = { family, startedAt: platform.runtime.now(), tokens }
  if (holder.adopt(session)) tabs.announce(session)
}

/** With several providers on one page; where the record is ours, `exchangeCode` refuses a foreign `iss`. */
function isOfAnother(callback: URLSearchParams, issuer: string): boolean {
  return (callback.get('iss') ?? issuer) !== issuer
}

/** The provider knows the code no more: this callback was completed before, in another tab or by a reload. */
function isUsedCode(error: unknown): boolean {
  return error instanceof ProtocolError && error.oauthError === 'invalid_grant'
}
