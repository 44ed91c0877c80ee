import {
  type AuthorizationRequestOptions,
  createAuthorizationRequest,
  type LoginTransaction,
  type TokenSet,
} from '@latchkey/client'
import { ConfigError, encodeBase64url, ofProtocol, ProtocolError } from '@latchkey/protocol'
import type { SignInOptions } from './auth.ts'
import type { SignInWay } from './auth-event.ts'
import { given } from './given.ts'
import { localAddress, readResponse, withoutResponse } from './local-address.ts'
import { type Parts, takeSession } from './parts.ts'
import { scopes } from './scopes.ts'

/** Leaves for the provider; what has to come back is remembered under its own `state`. @spec OIDC Core §3.1.2.1 */
export async function leaveForSignIn(parts: Parts, options?: SignInOptions): Promise<void> {
  const url = await authorizeUrl(parts, options)
  parts.emit({ type: 'leaving', to: 'sign-in' })
  parts.page.assign(url)
}

/** The address to leave for; its transaction is remembered. */
export async function authorizeUrl(parts: Parts, options: SignInOptions = {}): Promise<string> {
  const { page, logins } = parts
  const here = page.href()
  const returnTo = localAddress(options.returnTo ?? withoutResponse(here), here)
  if (returnTo === null) throw new ConfigError(['returnTo: name a path of this origin'])
  if (!parts.storage) {
    throw new ProtocolError('authorization_failed', 'sessionStorage is blocked: allow it to sign in')
  }
  const { url, transaction } = await beginSignIn(parts, options)
  logins.remember('login', transaction.state, { ...transaction, returnTo, appState: options.appState })
  return url
}

/** What a sign-in may say otherwise than its configuration. */
export type SignInRequest = Omit<SignInOptions, 'maxAgeSeconds'> &
  Partial<Pick<AuthorizationRequestOptions, 'redirectUri' | 'maxAgeSeconds'>>

/** Where a sign-in goes: as the configuration says, and this call otherwise. */
export function beginSignIn(
  { settings, connection }: Parts,
  options: SignInRequest,
): Promise<{ readonly url: string; readonly transaction: LoginTransaction }> {
  const { acr_values, max_age, ...extra } = { ...settings.extraParameters, ...options.extraParameters }
  const asked = {
    ...settings,
    ...(acr_values && { acrValues: acr_values.split(' ') }),
    ...(max_age && { maxAgeSeconds: Number(max_age) }),
    ...given(options),
  }
  return createAuthorizationRequest(connection, {
    ...asked,
    scope: scopes('openid', asked.scope).join(' '),
    resource: [settings.resource ?? [], settings.resources ?? [], options.resource ?? []].flat(),
    extraParameters: { audience: settings.audience, ...extra },
  })
}

interface Elsewhere<A> {
  /** Where the static page is that hands on the answer. */
  readonly redirectUri: string
  /** The API whose token comes of it. */
  readonly resource?: string | undefined
  /** Goes to the address and brings the parameters of the answer. */
  ask(url: string, state: string): Promise<A>
}

/** Signs in without leaving this page, so that its memory is where the transaction stays. */
export async function signInElsewhere<A extends URLSearchParams | undefined>(
  parts: Parts,
  options: SignInRequest,
  { redirectUri, resource = parts.settings.resource, ask }: Elsewhere<A>,
): Promise<TokenSet | (A & undefined)> {
  const { url, transaction } = await beginSignIn(parts, { ...options, redirectUri })
  const callback = await ask(url, transaction.state)
  return callback && parts.requests.exchange({ callback, transaction, resource })
}

/**
 * Completes the sign-in that this address answers, and tells how that ended: `stale` where the answer is not to a sign-in
 * of now. The record is taken before anything else, so that a doubled callback finds none; the address bar is clean before
 * the code is sent, so that a reload does not send it again.
 * @throws ProtocolError when the answer does not hold, or the provider cannot be reached.
 * @spec RFC 6749 §10.12; RFC 9700 §4.2.4
 */
export async function completeSignIn(parts: Parts): Promise<'none' | 'stale' | { readonly appState?: unknown }> {
  const { settings, requests, page, logins } = parts
  const { issuer, redirectUri, resource } = settings
  const here = page.href()
  const callback = readResponse(here, redirectUri)
  const login = callback && logins.take('login', callback.get('state'))
  // With several providers on one page; where the record is ours, `exchangeCode` refuses a foreign `iss`.
  if (!callback || login === 'foreign' || (!login && (callback.get('iss') ?? issuer) !== issuer)) return 'none'
  page.replaceAddress((login && localAddress(login.returnTo, here)) ?? withoutResponse(here))
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
  const { runtime } = parts
  const family = encodeBase64url(runtime.randomBytes(12))
  await takeSession(parts, { family, startedAt: runtime.now(), tokens }, by)
}

/** The `error` values that say: not without a person. @spec OIDC Core §3.1.2.6 */
export function saysNobodyIsThere(error: unknown): boolean {
  return /^(login|interaction|consent|account_selection)_required$/.test(ofProtocol(error).oauthError ?? '')
}
