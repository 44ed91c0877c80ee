import { createAuthorizationRequest } from '@latchkey/client'
import { OAuthError } from '@latchkey/protocol'
import { redirect } from '../http/answers.ts'
import { readCookies } from '../http/cookies.ts'
import { headerOf } from '../http/request.ts'
import { localReturnUrl } from '../http/return-url.ts'
import { resourceOf } from '../session/session-host.ts'
import type { Endpoint } from './endpoint.ts'

/** Sends the browser to the provider. @spec OIDC Core §3.1.2.1; RFC 9700 §2.1 */
export const loginEndpoint: Endpoint = {
  path: '/login',
  methods: ['GET'],
  audience: 'person',
  async handle({ settings, connection, logins }, { request, query }) {
    const returnUrl = localReturnUrl(query.get('returnUrl'), settings.origin)
    if (returnUrl === null) {
      throw new OAuthError('invalid_request', 'returnUrl must be a path of this site, such as /orders?page=2')
    }
    const { url, transaction } = await createAuthorizationRequest(connection, {
      redirectUri: settings.redirectUri,
      scope: settings.scope,
      ...resourceOf(settings.resource),
    })
    const cookies = readCookies(headerOf(request, 'cookie'))
    return redirect(url, { cookies: logins.begin({ ...transaction, returnUrl }, cookies) })
  },
}
