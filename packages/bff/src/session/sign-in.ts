import { createAuthorizationRequest } from '@latchkey/client'
import { OAuthError } from '@latchkey/protocol'
import { generatePrivateJwk, thumbprintOf } from '../crypto.ts'
import type { EndpointRequest, Parts } from '../endpoints/endpoint.ts'
import { redirect } from '../http/answers.ts'
import { readCookies } from '../http/cookies.ts'
import { headerOf } from '../http/request.ts'
import { localReturnUrl } from '../http/return-url.ts'

/** Sends the browser to the provider, with `extraParameters` on the way. @spec OIDC Core §3.1.2.1; RFC 9700 §2.1; RFC 8707 §2.1; RFC 9449 §10 */
export async function beginSignIn(
  { settings, connection, logins }: Parts,
  { request, query }: EndpointRequest,
  extraParameters: Readonly<Record<string, string>>,
): Promise<Response> {
  const returnUrl = localReturnUrl(query.get('returnUrl'), settings.origin)
  if (returnUrl === null) {
    throw new OAuthError('invalid_request', 'returnUrl must be a path of this site, such as /orders?page=2')
  }
  const dpopKey = settings.target.dpop === true ? generatePrivateJwk() : undefined
  const { url, transaction } = await createAuthorizationRequest(connection, {
    redirectUri: settings.redirectUri,
    scope: settings.scope,
    resource: settings.resources,
    extraParameters: { ...extraParameters, ...(dpopKey === undefined ? {} : { dpop_jkt: thumbprintOf(dpopKey) }) },
  })
  const cookies = readCookies(headerOf(request, 'cookie'))
  return redirect(url, { cookies: logins.begin({ ...transaction, returnUrl, ...(dpopKey && { dpopKey }) }, cookies) })
}
