import { type AuthorizationRequestOptions, createAuthorizationRequest, type TokenSet } from '@latchkey/client'
import { ConfigError, encodeBase64url, ofProtocol, ProtocolError } from '@latchkey/protocol'
import type { SignInOptions } from './auth.ts'
import type { SignInWay } from './auth-event.ts'
import { localAddress, readResponse, withoutResponse } from './local-address.ts'
import { type Parts, takeSession } from './parts.ts'
import type { Settings } from './settings.ts'

/** Leaves for the provider; what has to come back is remembered under its own `state`. @spec OIDC Core §3.1.2.1 */
export async function leaveForSignIn(parts: Parts, options?: SignInOptions): Promise<void> {
  const url = await authorizeUrl(parts, options)
  parts.events.emit({ type: 'leaving', to: 'sign-in' })
  parts.platform.page.assign(url)
}

/** The address to leave for; its transaction is remembered. */
export async function authorizeUrl(parts: Parts, options: SignInOptions = {}): Promise<string> {
  const { platform, settings, connection, logins } = parts
  const here = platform.page.href()
  const returnTo = localAddress(options.returnTo ?? withoutResponse(here), here)
  if (returnTo === null) throw new ConfigError(['returnTo: name a path of this origin'])
  if (!platform.storage) {
    throw new ProtocolError('authorization_failed', 'sessionStorage is blocked: allow it to sign in')
  }
  const request = requestOptions(settings, options, settings.redirectUri)
  const { url, transaction } = await createAuthorizationRequest(connection, request)
  logins.remember({ ...transaction, returnTo, appState: options.appState })
  return url
}

/** A sign-in's request: the configuration's, and what this call says otherwise. */
export function requestOptions(
  settings: Settings,
  options: SignInOptions,
  redirectUri: string,
): AuthorizationRequestOptions {
  const { audience, extraParameters, acrValues, maxAgeSeconds, uiLocales } = settings
  const { acr_values, max_age, ...extra } = { ...extraParameters, ...options.extraParameters }
  const scope = options.scope ?? settings.scope
  return {
    ...options,
    redirectUri,
    uiLocales: options.uiLocales ?? uiLocales,
    scope: scope.split(' ').includes('openid') ? scope : `openid ${scope}`,
    resource: settings.allResources.concat(options.resource ?? []),
    acrValues: options.acrValues ?? acr_values?.split(' ') ?? acrValues,
    maxAgeSeconds: options.maxAgeSeconds ?? (max_age ? Number(max_age) : maxAgeSeconds),
    extraParameters: { audience, ...extra },
  }
}

/**
 * Completes the sign-in that this address answers, and tells how that ended: `stale` where the answer is not to a sign-in
 * of now. The record is taken before anything else, so that a doubled callback finds none; the address bar is clean before
 * the code is sent, so that a reload does not send it again.
 * @throws ProtocolError when the answer does not hold, or the provider cannot be reached.
 * @spec RFC 6749 §10.12; RFC 9700 §4.2.4
 */
export async function completeSignIn(parts: Parts): Promise<'none' | 'stale' | { readonly appState?: unknown }> {
  const { platform, settings, logins, requests } = parts
  const { issuer, redirectUri, resource } = settings
  const here = platform.page.href()
  const callback = readResponse(here, redirectUri)
  const login = callback && logins.take(callback.get('state') ?? '')
  // With several providers on one page; where the record is ours, `exchangeCode` refuses a foreign `iss`.
  if (!callback || login === 'foreign' || (!login && (callback.get('iss') ?? issuer) !== issuer)) return 'none'
  platform.page.replaceAddress((login && localAddress(login.returnTo, here)) ?? withoutResponse(here))
  if (!login) return 'stale'
  try {
    await beginSession(parts, await requests.exchange({ callback, transaction: login, resource }), 'redirect')
    return login
  } catch (error) {
    if (saysNobodyIsThere(error)) return 'none'
    // The provider knows the code no more: this callback was completed before, in another tab or by a reload.
    if (ofProtocol(error).oauthError === 'invalid_grant') return 'stale'
    throw error
  }
}

/** Tokens just received become the session of every tab. */
export async function beginSession(parts: Parts, tokens: TokenSet, by: SignInWay): Promise<void> {
  const { runtime } = parts.platform
  const family = encodeBase64url(runtime.randomBytes(12))
  await takeSession(parts, { family, startedAt: runtime.now(), tokens }, by)
}

/** The `error` values that say: not without a person. @spec OIDC Core §3.1.2.6 */
export function saysNobodyIsThere(error: unknown): boolean {
  return /^(login|interaction|consent|account_selection)_required$/.test(ofProtocol(error).oauthError ?? '')
}
