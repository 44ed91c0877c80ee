import { type AuthorizationRequestOptions, createAuthorizationRequest, type TokenSet } from '@latchkey/client'
import { ConfigError, encodeBase64url, ProtocolError } from '@latchkey/protocol'
import type { SignInOptions } from './auth.ts'
import type { SignInWay } from './auth-event.ts'
import { given } from './given.ts'
import { localAddress, readResponse, withoutResponse } from './local-address.ts'
import type { Parts } from './parts.ts'
import type { Settings } from './settings.ts'

/** Leaves for the provider; what has to come back is remembered under its own `state`. @spec OIDC Core §3.1.2.1 */
export async function leaveForSignIn(parts: Parts, options: SignInOptions = {}): Promise<void> {
  const url = await authorizeUrl(parts, options)
  parts.events.emit({ type: 'leaving', to: 'sign-in' })
  parts.platform.page.assign(url)
}

/** The address to leave for; its transaction is remembered. */
export async function authorizeUrl(parts: Parts, options: SignInOptions = {}): Promise<string> {
  const { platform, settings, connection, logins } = parts
  const here = platform.page.href()
  const returnTo = localAddress(options.returnTo ?? withoutResponse(here), here)
  if (returnTo === null) throw new ConfigError(['returnTo: leads to another origin; name a path of this app'])
  if (!platform.storage.durable) {
    throw new ProtocolError('authorization_failed', 'sessionStorage is blocked: allow it for this site to sign in')
  }
  const request = requestOptions(settings, options, settings.redirectUri)
  const { url, transaction } = await createAuthorizationRequest(connection, request)
  logins.purge()
  const { appState } = options
  logins.remember({ ...transaction, returnTo, ...given({ appState }) })
  return url
}

/** A sign-in's request: the configuration's, and what this call says otherwise. */
export function requestOptions(
  settings: Settings,
  options: SignInOptions,
  redirectUri: string,
): AuthorizationRequestOptions {
  const { acr_values, max_age, ...extra } = { ...settings.extraParameters, ...options.extraParameters }
  const { prompt, loginHint, scope = settings.scope } = options
  const acrValues = options.acrValues ?? acr_values?.split(' ') ?? settings.acrValues
  const maxAgeSeconds = options.maxAgeSeconds ?? (max_age === undefined ? settings.maxAgeSeconds : Number(max_age))
  const uiLocales = options.uiLocales ?? settings.uiLocales
  const { audience } = settings
  return {
    redirectUri,
    scope: scope.split(' ').includes('openid') ? scope : `openid ${scope}`,
    resource: [...settings.allResources, ...[options.resource ?? []].flat()],
    extraParameters: { ...given({ audience }), ...extra },
    ...given({ prompt, loginHint, acrValues, maxAgeSeconds, uiLocales }),
  }
}

/** How coming back from the provider ended. */
export type SignInOutcome =
  | { readonly kind: 'none' | 'refused' | 'stale' }
  | { readonly kind: 'signed-in'; readonly appState: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }

/**
 * Completes the sign-in that this address answers. The record is taken before anything else, so that a doubled callback
 * finds none; the address bar is clean before the code is sent, so that a reload does not send it again.
 * @spec RFC 6749 §10.12; RFC 9700 §4.2.4
 */
export async function completeSignIn(parts: Parts): Promise<SignInOutcome> {
  const { platform, settings, logins, requests } = parts
  const here = platform.page.href()
  const callback = readResponse(here, settings.redirectUri)
  if (callback === null) return { kind: 'none' }
  const login = logins.take(callback.get('state') ?? '')
  if (login === 'foreign' || (login === null && isOfAnother(callback, settings.issuer))) return { kind: 'none' }
  const returnTo = login === null ? null : localAddress(login.returnTo, here)
  platform.page.replaceAddress(returnTo ?? withoutResponse(here))
  if (login === null) return { kind: 'stale' }
  try {
    const { resource } = settings
    const tokens = await requests.exchange({
      callback,
      transaction: login,
      ...given({ resource }),
    })
    await beginSession(parts, tokens, 'redirect')
    return { kind: 'signed-in', appState: login.appState }
  } catch (error) {
    if (saysNobodyIsThere(error)) return { kind: 'refused' }
    if (isUsedCode(error)) return { kind: 'stale' }
    return { kind: 'failed', error }
  }
}

/** Tokens just received become the session of every tab. */
export async function beginSession(parts: Parts, tokens: TokenSet, by: SignInWay): Promise<void> {
  const { platform, holder, tabs, kept } = parts
  const family = encodeBase64url(platform.runtime.randomBytes(12))
  const session = { family, startedAt: platform.runtime.now(), tokens }
  if (holder.adopt(session, by)) tabs.announce(session)
  await kept.write()
}

/** The `error` values that say: not without a person. @spec OIDC Core §3.1.2.6 */
const needsPerson = /^(login|interaction|consent|account_selection)_required$/

export function saysNobodyIsThere(error: unknown): boolean {
  return error instanceof ProtocolError && error.oauthError !== undefined && needsPerson.test(error.oauthError)
}

/** With several providers on one page; where the record is ours, `exchangeCode` refuses a foreign `iss`. */
function isOfAnother(callback: URLSearchParams, issuer: string): boolean {
  return (callback.get('iss') ?? issuer) !== issuer
}

/** The provider knows the code no more: this callback was completed before, in another tab or by a reload. */
function isUsedCode(error: unknown): boolean {
  return error instanceof ProtocolError && error.oauthError === 'invalid_grant'
}
